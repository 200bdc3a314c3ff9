"""What the views of records share: finding the type and the record, and the answers after a write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

from trackline.kit import htmx
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import to_json
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses
from trackline.workspace.records.labels import in_sentence, labels

LONGEST = 44


def type_of(name: str) -> RecordType:
    """Return the record type that an address names, or raise `NotFound`."""
    try:
        return registry.get(name)
    except KeyError:
        raise NotFound(f"There is no record type {name[:80]}.") from None


def fresh_json(ctx: Context, rtype: RecordType, pk: int) -> dict[str, Any]:
    """Return a record's JSON row as stored now: writes that followed a write may have moved it on."""
    return to_json(ctx, rtype, rtype.model.objects.get(pk=pk))


def label_of(ctx: Context, rtype: RecordType, pk: int) -> str:
    """Return the name of a record."""
    found = labels(ctx, {rtype.name: [pk]}).get((rtype.name, pk))
    return found.text if found else f"{rtype.label} {pk}"


def said(response: HttpResponse, text: str, change: Any = None) -> HttpResponse:
    """Tell what was done; a change can be taken back from the toast."""
    return htmx.toast(response, text, addresses.undo(change.pk) if change is not None else None)


def touched(response: HttpResponse, rtype: RecordType, record: Any) -> HttpResponse:
    """Tell the page which record was written, for parts that follow it."""
    detail = {"type": rtype.name, "id": str(record.pk), "account": str(rtype.account_of(record) or "")}
    return htmx.trigger(response, "tl:touched", detail)


def done(text: str, rtype: RecordType, record: Any, change: Any = None) -> HttpResponse:
    """Answer a write that more than one part of the page shows: a toast, and the page fetches itself again."""
    return touched(htmx.changed(said(htmx.done(), text, change)), rtype, record)


def shortened(text: str) -> str:
    """Cut a text to what a toast holds."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def counted(rtype: RecordType, count: int) -> str:
    """A number of records in words: "1 goal", "3 KPIs"."""
    return f"{count} {in_sentence(rtype, plural=count != 1)}"


def listed(parts: Iterable[str]) -> str:
    """Words as a list in a sentence: "2 steps and 1 meeting"."""
    words = list(parts)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
