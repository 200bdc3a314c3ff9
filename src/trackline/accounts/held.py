"""What is read once for all that happens in one use, a page for example: settings, and the figures laid over the rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_held: ContextVar[dict[Any, Any] | None] = ContextVar("read in this use", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Keep what is read for all that happens inside; a change inside is seen."""
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def held() -> dict[Any, Any] | None:
    """Return what was read in this use, to be added to; None where nothing is kept."""
    return _held.get()


def forget() -> None:
    """Read anew: something that is kept was changed."""
    kept = _held.get()
    if kept is not None:
        kept.clear()
