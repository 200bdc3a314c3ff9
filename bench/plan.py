"""An account plan as a file, step by step: reading the facts, laying out the paper, drawing it; beside an empty PDF page."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import book

ACCOUNT, TIMES = "okada-brandt", 7


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the median of several runs in seconds, and what the last one gave."""
    spent, found = [], None
    for _ in range(TIMES):
        begin = time.perf_counter()
        found = work()
        spent.append(time.perf_counter() - begin)
    return statistics.median(spent), found


def main() -> None:
    """Print seconds of each step on the sample book, and the whole against a second."""
    with tempfile.TemporaryDirectory() as home:
        ctx = book.sample(Path(home))
        from trackline.accounts.models import Account
        from trackline.documents.papers.blocks import Paper
        from trackline.documents.papers.files import FORMATS
        from trackline.documents.plans.live import plan_of

        account = Account.objects.get(key=ACCOUNT)
        read, plan = timed(lambda: plan_of(ctx, account))
        laid, paper = timed(plan.paper)
        floor, _ = timed(lambda: FORMATS["pdf"].draw(Paper("", "", "", "", [])))
        drawn = {ending: timed(lambda kind=kind: kind.draw(paper))[0] for ending, kind in FORMATS.items()}
        told = ", ".join(f"{ending} {seconds * 1000:.0f} ms" for ending, seconds in drawn.items())
        print(f"plan of {ACCOUNT}: facts {read * 1000:.0f} ms, paper {laid * 1000:.1f} ms, {told}; "
              f"PDF in all {read + laid + drawn['pdf']:.2f} s (aim below 1), {drawn['pdf'] / floor:.1f} × an empty page "
              f"({floor * 1000:.0f} ms)")  # fmt: skip


if __name__ == "__main__":
    main()
