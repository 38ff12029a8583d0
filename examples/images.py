"""Looks at images: size, main colour and brightness of each one, saved beside the file that they belong to.

The images are drawn into `images-data/`, in the current folder, on the first run.
"""

from pathlib import Path

import datachain as dc
from PIL import Image, ImageDraw, ImageStat

FOLDER = Path("images-data").absolute()
COLOURS = {"red": (200, 40, 40), "green": (40, 160, 60), "blue": (50, 70, 200), "yellow": (230, 200, 50)}


class Colour(dc.DataModel):
    name: str
    rgb: list[int]


class Look(dc.DataModel):
    width: int
    height: int
    brightness: float
    colour: Colour


def draw_images(count: int) -> None:
    FOLDER.mkdir(exist_ok=True)
    for i in range(count):
        size = 64 + i % 5 * 32
        image = Image.new("RGB", (size, size * 3 // 4), list(COLOURS.values())[i % len(COLOURS)])
        ImageDraw.Draw(image).ellipse((size // 4, size // 4, size // 2, size // 2), fill=(255, 255, 255))
        image.save(FOLDER / f"shape-{i:03}.png")


def look_at(file: dc.ImageFile) -> Look:
    image = file.read().convert("RGB")
    rgb = [int(channel) for channel in ImageStat.Stat(image).median]
    name = min(COLOURS, key=lambda known: sum(abs(a - b) for a, b in zip(COLOURS[known], rgb, strict=True)))
    return Look(
        width=image.width,
        height=image.height,
        brightness=ImageStat.Stat(image.convert("L")).mean[0] / 255,
        colour=Colour(name=name, rgb=rgb),
    )


draw_images(120)
looks = dc.read_storage(str(FOLDER), type="image").map(look=look_at).save("image_looks")
print(f"{looks.count()} images, {looks.filter(dc.C('look.brightness') > 0.5).count()} of them bright")
looks.group_by(images=dc.func.count(), partition_by="look.colour.name").show()
