"""What can go wrong in upkeep, told to the operator."""

from __future__ import annotations


class UnableToContinue(Exception):
    """An upkeep task stopped before changing anything; `str()` says why and what to do."""
