"""Reads of the ledger: the history of a record, the changes of an account."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from trackline.kit.history.models import Change
from trackline.kit.records.types import RecordType


def history_of(rtype: RecordType, pk: int) -> QuerySet[Any]:
    """Return the changes of a record, newest first, with their authors."""
    return Change.objects.filter(record_type=rtype.name, record_id=pk).select_related("actor").order_by("-id")


def changes_of_account(account_id: int) -> QuerySet[Any]:
    """Return the changes of all records of an account, newest first, with their authors."""
    return Change.objects.filter(account_id=account_id).select_related("actor").order_by("-at", "-id")
