"""Columns of the Accounts list: fields of the account, fields that administrators added, and what is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from trackline.accounts.rates import Rates, Sum
from trackline.kit import formats
from trackline.kit.records.fields import FieldSpec
from trackline.workspace.queries.accounts import marks
from trackline.workspace.queries.accounts.filters import ACCOUNT, OVER
from trackline.workspace.records import display
from trackline.workspace.records.facts import Facts, Item, customs
from trackline.workspace.records.words import moment_words

DEFAULT = ("tier", "health", "arr", "renewal_date", "renews_in", "track", "alerts", "owner")
ON_PHONES = ("arr", "renews_in")
HIDDEN = ("name", *ACCOUNT.read_only)
UNSORTED_KINDS = ("tags", "object", "refs")


@dataclass(frozen=True)
class Beside:
    """What the computed columns of the shown rows read, by account id."""

    rates: Rates
    snapshots: Mapping[int, tuple[str, str, date]] = field(default_factory=dict)
    stale_after: int = 30
    alerts: Mapping[int, int] = field(default_factory=dict)
    groups: Mapping[int, Sum] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """A column. `draw` gives the HTML of a computed one, `plain` its value in files; `order` sorts by it.

    `full` is what it is called where it stands alone, in the chooser and in files.
    """

    name: str
    label: str
    spec: FieldSpec | None = None
    right: bool = False
    order: str = ""
    needs: tuple[str, ...] = ()
    draw: Callable[[Item, Facts, Beside], SafeString] | None = None
    plain: Callable[[Item, Facts, Beside], Any] | None = None
    full: str = ""

    @property
    def called(self) -> str:
        """Its name without the columns around it."""
        return self.full or self.label

    @property
    def css(self) -> str:
        """Class of the column's cells."""
        parts = ["right"] if self.right else []
        if self.name not in ON_PHONES:
            parts.append("hide-phone")
        return " ".join(parts)


def anchored(column: Column) -> str:
    """Return the name under which a computed column is found on the page; no field has such a name."""
    return f"={column.name}"


def available(rates: Rates) -> dict[str, Column]:
    """Return every column by name, in the order the chooser offers them."""
    found = {column.name: column for column in _computed(rates)}
    for name, spec in {**ACCOUNT.specs, **customs(ACCOUNT)}.items():
        if name not in HIDDEN:
            found[name] = _of_field(name, spec)
    first = [name for name in DEFAULT if name in found]
    return {name: found[name] for name in [*first, *(name for name in found if name not in first)]}


def chosen(names: Sequence[str], known: Mapping[str, Column]) -> list[Column]:
    """Return the named columns that exist; the default ones where none does."""
    return [known[name] for name in names if name in known] or [known[name] for name in DEFAULT]


def _of_field(name: str, spec: FieldSpec) -> Column:
    sortable = spec.kind not in UNSORTED_KINDS
    label = {"arr": "ARR", "renewal_date": "Renews", "parent": "Belongs to"}.get(name, spec.label)
    return Column(name, label, spec, display.is_right(spec), name if sortable else "")


def _computed(rates: Rates) -> list[Column]:
    return [
        Column("renews_in", "In", None, True, "renewal_date", ("renewal_date", "status"), _renews_in, _days, "Days to renewal"),
        Column("track", "TRACK", None, False, "track", ("completeness",), _track, _track_total, "TRACK completeness"),
        Column("health", "Health", None, False, "", ("health",), _health, _health_words, "Health"),
        Column("alerts", "Alerts", None, True, "alerts", (), _alerts, _alert_count, "Open alerts"),
        Column(
            "arr_book", f"ARR, {rates.book}", None, True, "arr", ("arr", "currency"), _arr_book, _arr_in_book
        ),
        Column("group_arr", "Group", None, True, "", (), _group, _group_plain, "Group ARR"),
        Column("created_at", "Added", None, False, "created_at", ("created_at",), _instant("created_at"), _iso("created_at")),
        Column("updated_at", "Changed", None, False, "updated_at", ("updated_at",), _instant("updated_at"), _iso("updated_at")),
    ]  # fmt: skip


def _renews_in(item: Item, facts: Facts, _beside: Beside) -> SafeString:
    return marks.days_to(item["renewal_date"], facts.today, over=item["status"] in OVER)


def _days(item: Item, facts: Facts, _beside: Beside) -> int | None:
    return (item["renewal_date"] - facts.today).days if item["renewal_date"] else None


def _track(item: Item, _facts: Facts, _beside: Beside) -> SafeString:
    return marks.track_line(item["completeness"])


def _track_total(item: Item, _facts: Facts, _beside: Beside) -> Any:
    return (item["completeness"] or {}).get("total")


def _health(item: Item, facts: Facts, beside: Beside) -> SafeString:
    return marks.health_marks(item["health"], beside.snapshots.get(item["id"]), facts.today, beside.stale_after)


def _health_words(item: Item, _facts: Facts, beside: Beside) -> str:
    score, found = item["health"] or {}, beside.snapshots.get(item["id"])
    if score.get("value") is not None:
        computed = f"{formats.number(score['value'], 1)} {score['band']}"
        return f"{computed}; delivery {found[0]}, relationship {found[1]}" if found else computed
    return f"delivery {found[0]}, relationship {found[1]}, {found[2].isoformat()}" if found else ""


def _alerts(item: Item, _facts: Facts, beside: Beside) -> SafeString:
    count = beside.alerts.get(item["id"], 0)
    if not count:
        return mark_safe('<span class="text-3">none</span>')
    return format_html('<b class="bad">{}</b><span class="sr"> open</span>', count)


def _alert_count(item: Item, _facts: Facts, beside: Beside) -> int:
    return beside.alerts.get(item["id"], 0)


def _arr_in_book(item: Item, _facts: Facts, beside: Beside) -> Decimal | None:
    worth = beside.rates.convert(item["arr"], item["currency"])
    return round(worth, 2) if worth is not None else None


def _arr_book(item: Item, facts: Facts, beside: Beside) -> SafeString:
    worth = _arr_in_book(item, facts, beside)
    if worth is None:
        text = f"no rate for {item['currency']}" if item["arr"] is not None else formats.MISSING
        return format_html('<span class="missing-value">{}</span>', text)
    return format_html("{}", formats.money_full(round(worth), beside.rates.book))


def _group(item: Item, _facts: Facts, beside: Beside) -> SafeString:
    found = beside.groups.get(item["id"])
    if found is None:
        return mark_safe("")
    title = f"{formats.money_full(round(found.amount), found.currency)}{', ' + found.note if found.note else ''}"
    return format_html('<b title="{}">{}</b>', title, formats.money(found.amount, found.currency))


def _group_plain(item: Item, _facts: Facts, beside: Beside) -> Decimal | None:
    found = beside.groups.get(item["id"])
    return round(found.amount, 2) if found else None


def _instant(name: str) -> Callable[[Item, Facts, Beside], SafeString]:
    def draw(item: Item, facts: Facts, _beside: Beside) -> SafeString:
        return format_html(
            '<time datetime="{}">{}</time>', item[name].isoformat(), moment_words(item[name], facts.today)
        )

    return draw


def _iso(name: str) -> Callable[[Item, Facts, Beside], str]:
    return lambda item, _facts, _beside: item[name].isoformat().replace("+00:00", "Z")
