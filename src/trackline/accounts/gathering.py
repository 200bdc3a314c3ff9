"""What is computed of an account, put off while many records of it are written one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_gathered: ContextVar[set[int] | None] = ContextVar("gathered", default=None)


@contextmanager
def gathering() -> Iterator[set[int]]:
    """Within, writes leave completeness and scores of their accounts as they are; the set yielded takes the accounts.

    Whoever gathers notes them as pending in the transaction of the writes (`rulebook.pending.mark_accounts`).
    """
    accounts: set[int] = set()
    token = _gathered.set(accounts)
    try:
        yield accounts
    finally:
        _gathered.reset(token)


def is_gathered(account_id: int) -> bool:
    """Tell whether an account is computed later; it is among those gathered then."""
    accounts = _gathered.get()
    if accounts is None:
        return False
    accounts.add(account_id)
    return True
