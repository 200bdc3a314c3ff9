"""A review's deck for an account of the sample book with two years of data: facts, slides, PDF, each with its time.

The floor is a deck of as many empty slides, opened and saved by the library: what no drawing can be faster than.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pptx import Presentation

from bench import book

T = TypeVar("T")
ACCOUNT, REPEATS = "okada-brandt", 5


def best(act: Callable[[], T]) -> tuple[T, float]:
    """Return what an act gives and the shortest of its times, in seconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        found = act()
        times.append(time.perf_counter() - start)
    return found, min(times)


def empty(count: int) -> None:
    """Write a deck of empty slides."""
    presentation = Presentation()
    for _ in range(count):
        presentation.slides.add_slide(presentation.slide_layouts[5])
    presentation.save(io.BytesIO())


def main() -> None:
    """Print the times."""
    with tempfile.TemporaryDirectory() as home:
        ctx = book.sample(Path(home))
        from trackline.accounts.models import Account
        from trackline.documents.reviews import deck_of, review_facts
        from trackline.documents.reviews.files import FORMATS

        account = Account.objects.get(key=ACCOUNT)
        facts, gathered = best(lambda: review_facts(ctx, account))
        slides = len(deck_of(facts).slides)
        _, floor = best(lambda: empty(slides))
        print(f"review of {account.name}, {slides} slides: facts {gathered:.2f} s (aim below 2 with a file)")
        for ending, kind in FORMATS.items():
            content, drawn = best(lambda kind=kind: kind.draw(facts, None))  # type: ignore[misc]
            print(
                f"  {ending}: {drawn:.2f} s, {len(content):,} bytes; empty slides {floor:.2f} s, ratio {drawn / floor:.1f}"
            )


if __name__ == "__main__":
    main()
