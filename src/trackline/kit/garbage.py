"""Garbage collection during work that makes very many objects."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def few_collections() -> Iterator[None]:
    """Look for garbage in cycles less often: bulk work makes none, and looking costs a fifth of the time.

    A thousand accounts make some hundreds of thousands of objects and drop them again: so many are let be.
    """
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
