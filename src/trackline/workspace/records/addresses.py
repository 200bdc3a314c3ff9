"""Addresses of records and of the parts that act on them. Types go by name: `/r/goal/12`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from trackline.kit.records.types import RecordType

ROOT = "/r"


def page(rtype: RecordType, pk: Any) -> str:
    """The record's own page; an account's is its workspace."""
    return f"/accounts/{pk}" if rtype.is_account else f"{ROOT}/{rtype.name}/{pk}"


def listing(rtype: RecordType, query: Mapping[str, Any] | None = None) -> str:
    """The page that lists records of a type, narrowed by filters of the list; alerts have one of their own."""
    return _with_query("/alerts" if rtype.name == "alert" else f"{ROOT}/{rtype.name}", query)


def table(rtype: RecordType, query: Mapping[str, Any]) -> str:
    """A table of records as a part, for sorting and paging in place."""
    return _with_query(f"{ROOT}/{rtype.name}/table", query)


def export(rtype: RecordType, ending: str, query: Mapping[str, Any]) -> str:
    """All records of a list as a file: `xlsx`, `csv`, `json`, meetings also as `ics`."""
    kept = {key: value for key, value in query.items() if value not in (None, "")}
    return _with_query(f"{ROOT}/{rtype.name}/export/{ending}", kept)


def panel(rtype: RecordType, pk: Any) -> str:
    """The value of `data-panel` that opens the record beside the page."""
    return f"{rtype.name}/{pk}"


def new_panel(rtype: RecordType, given: Mapping[str, Any] | None = None) -> str:
    """The value of `data-panel` that opens the form of a new record, with the values it starts with."""
    return _with_query(f"{rtype.name}/new", given)


def new(rtype: RecordType, given: Mapping[str, Any] | None = None) -> str:
    """The form of a new record as a page; posting to it creates the record."""
    return _with_query(f"{ROOT}/{rtype.name}/new", given)


def cell(rtype: RecordType, pk: Any, name: str, place: str = "") -> str:
    """One field of a record: GET gives its editor, POST saves it."""
    return _with_query(f"{ROOT}/{rtype.name}/{pk}/cell/{name}", {"at": place} if place else None)


def act(rtype: RecordType, pk: Any, verb: str) -> str:
    """Something done to a record: `delete`, `restore`, `history`, `advance`."""
    return f"{ROOT}/{rtype.name}/{pk}/{verb}"


def gate(pk: Any, to: str) -> str:
    """The checks of a route's move, as a dialog."""
    return _with_query(f"{ROOT}/route/{pk}/gate", {"to": to})


def link(rtype: RecordType, pk: Any, other: RecordType, field: str) -> str:
    """Links records of another type to this one through their field, or unlinks them."""
    return f"{ROOT}/{rtype.name}/{pk}/links/{other.name}/{field}"


def options(rtype: RecordType, account: int | None = None, **more: Any) -> str:
    """Where a type-ahead of records of this type asks."""
    query = {key: value for key, value in {"account": account, **more}.items() if value}
    return _with_query(f"{ROOT}/{rtype.name}/options", query)


def undo(change_id: int) -> str:
    """Takes a change back."""
    return f"/undo/{change_id}"


def undo_batch(batch: Any) -> str:
    """Takes back all changes that were made as one."""
    return f"/undo/batch/{batch}"


def _with_query(path: str, query: Mapping[str, Any] | None) -> str:
    kept = {key: value for key, value in (query or {}).items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path
