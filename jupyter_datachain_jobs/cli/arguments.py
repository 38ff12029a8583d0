"""What a word on the command line may be: each gives a value, or a sentence that says what is wrong with it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

from jupyter_datachain_jobs.domain import Retryable


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    wanted = f"of {least} or more" if most is None else f"from {least} to {most}"

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least or most is not None and value > most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {wanted}")
        return value

    return number


def span(most: float, *, zero: bool = False) -> Callable[[str], float]:
    """Seconds, `most` at the most."""

    def duration(text: str) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text.strip())
        if found is None:
            raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90, 90s, 15m, 2h or 1d")
        seconds = float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]
        if seconds > most or seconds == 0 and not zero:
            least = "" if zero else "more than 0 and "
            raise argparse.ArgumentTypeError(f"{text!r} is not a time of {least}at most {most:g} s")
        return seconds

    return duration


def codes(text: str) -> list[str]:
    chosen = [word.strip() for word in text.split(",") if word.strip()]
    if not chosen:
        raise argparse.ArgumentTypeError("no error code was given; without this option all are tried again")
    if unknown := [code for code in chosen if code not in tuple(Retryable)]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(Retryable)}")
    return chosen


def pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value
