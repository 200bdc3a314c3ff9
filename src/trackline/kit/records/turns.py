"""Writes that must not happen side by side, since each would be right alone and both together are wrong."""

from __future__ import annotations

from collections.abc import Container

from django.db import connection

from trackline.kit.records.types import RecordType


def wait_turn(rtype: RecordType, changed: Container[str]) -> None:
    """Have moves within a tree follow each other, each seeing what the one before it did.

    Call it before the record itself is locked: two moves that hold a record each would wait for one another. It holds until
    the transaction ends. SQLite lets one writer in at a time anyway.
    """
    if rtype.below and rtype.below in changed and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"trackline tree of {rtype.name}"])
