"""Reads text files, measures each one, and saves the result as a dataset.

Needs nothing but DataChain: the files are written into `quickstart-data/`, in the current folder, on the first run.
"""

import time
from pathlib import Path

import datachain as dc

FOLDER = Path("quickstart-data").absolute()

PRAISE = {"good", "great", "lovely", "quick"}
BLAME = {"bad", "broken", "late", "slow"}


class Mood(dc.DataModel):
    """How a review sounds; `score` is from -1 (all blame) to 1 (all praise)."""

    score: float
    praise: list[str]
    blame: list[str]


class Review(dc.DataModel):
    product: str
    words: int
    mood: Mood


def write_files(count: int) -> None:
    FOLDER.mkdir(exist_ok=True)
    praise, blame = sorted(PRAISE), sorted(BLAME)
    for i in range(count):
        lines = [f"product: {('kettle', 'lamp', 'chair')[i % 3]}", f"It was {praise[i % 4]} and {blame[i * 7 % 4]}."]
        if i % 5:
            lines.append(f"A {praise[i * 3 % 4]} thing after all.")
        (FOLDER / f"review-{i:03}.txt").write_text("\n".join(lines))


def read_review(file: dc.TextFile) -> Review:
    time.sleep(0.01)  # a model would take longer
    head, _, text = file.read_text().partition("\n")
    words = text.lower().replace(".", "").split()
    praise = [word for word in words if word in PRAISE]
    blame = [word for word in words if word in BLAME]
    score = (len(praise) - len(blame)) / max(1, len(praise) + len(blame))
    return Review(
        product=head.removeprefix("product: "), words=len(words), mood=Mood(score=score, praise=praise, blame=blame)
    )


write_files(200)
reviews = dc.read_storage(str(FOLDER), type="text").map(review=read_review).save("reviews")

print(f"\n{reviews.count()} reviews read. The kindest:")
reviews.order_by("review.mood.score", "file.path", descending=True).select("file.path", "review").show(5)

by_product = reviews.group_by(
    reviews=dc.func.count(), score=dc.func.avg("review.mood.score"), partition_by="review.product"
).save("reviews_by_product")
by_product.show()
