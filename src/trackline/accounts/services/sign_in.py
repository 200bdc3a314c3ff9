"""Slowing down who guesses passwords. Counts stand in the database, so all workers share them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from trackline.accounts.models.sign_in import FailedSignIn

WINDOW = timedelta(minutes=15)
PER_NAME = 5
"""Wrong passwords for one name from one address within the window."""
PER_ADDRESS = 40
"""Wrong passwords from one address, whatever the name: an office shares one."""


def wait_for(name: str, address: str, now: datetime) -> timedelta:
    """Return how long this address has to wait before it may try this name again; zero where it need not."""
    failed = FailedSignIn.objects.filter(address=address, at__gt=now - WINDOW).order_by("-at")
    free_at = now
    for attempts, allowed in ((failed.filter(who=_hash(name)), PER_NAME), (failed, PER_ADDRESS)):
        counting = attempts.values_list("at", flat=True)[allowed - 1 : allowed]
        for at in counting:
            free_at = max(free_at, at + WINDOW)
    return free_at - now


def note_failure(name: str, address: str, now: datetime) -> None:
    """Count a wrong name or password; attempts that no longer count are dropped."""
    FailedSignIn.objects.filter(at__lte=now - WINDOW).delete()
    FailedSignIn.objects.create(who=_hash(name), address=address, at=now)


def forget_failures(name: str, address: str) -> None:
    """Start counting anew after the right password."""
    FailedSignIn.objects.filter(who=_hash(name), address=address).delete()


def _hash(name: str) -> str:
    return hashlib.sha256(name.strip().casefold().encode()).hexdigest()
