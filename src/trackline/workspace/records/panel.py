"""A record with all that belongs to it, as the side panel and its own page show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.queries import get, to_json
from trackline.kit.records.types import RecordType
from trackline.track.rules.value_gap import FIGURES, RATINGS
from trackline.workspace.queries.tiers.decision import HIDDEN
from trackline.workspace.records import addresses, alerts, cells, history
from trackline.workspace.records.facts import Facts, Item, customs, facts_for, value_of
from trackline.workspace.records.labels import Label, labels, title
from trackline.workspace.records.related import Related, related
from trackline.workspace.records.special import Special, Verb, special, verbs
from trackline.workspace.records.words import is_missing

STARTS = {"route": "route", "renewal_cycle": "renewal", "alert": "alert"}
"""Types of records from which a playbook is started, by what the dialog calls them."""

FIGURES_OF_ANY = frozenset(name for names in (*FIGURES.values(), *RATINGS.values()) for name in names)
"""Figures of some method; a value gap shows those of its own, and what else holds something."""


@dataclass(frozen=True)
class FieldRow:
    """One field: its label, its help, its cell, and what is said below its label."""

    label: str
    help: str
    cell: SafeString
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """Everything `workspace/records/panel.html` and `record.html` print."""

    rtype: RecordType
    pk: int
    item: Item
    title: str
    anchor: str
    url: str
    value: str
    about: Sequence[Label]
    fields: Sequence[FieldRow]
    links: Sequence[FieldRow]
    more: Sequence[FieldRow]
    special: Special | None
    verbs: Sequence[Verb]
    related: Sequence[Related]
    history: history.History
    external: Mapping[str, str]
    created_by: str
    updated_by: str
    can_edit: bool
    today: date

    @property
    def set_url(self) -> str:
        """Takes the verbs' posts."""
        return addresses.act(self.rtype, self.pk, "set")

    @property
    def delete_url(self) -> str:
        """Deletes the record."""
        return addresses.act(self.rtype, self.pk, "delete")

    @property
    def start_url(self) -> str:
        """Opens the dialog that starts a playbook from this record, for who may and where that makes sense."""
        name = STARTS.get(self.rtype.name)
        closed = self.item.get("state") in ("closed", "dismissed", "lost", "churned", "lapsed")
        return f"/r/play/start?{name}={self.pk}" if name and self.can_edit and not closed else ""

    @property
    def history_url(self) -> str:
        """Gives the whole history."""
        return addresses.act(self.rtype, self.pk, "history")


def build(ctx: Context, rtype: RecordType, pk: Any) -> Panel:
    """Read a record with its fields, links, lists and history. Raises `NotFound`."""
    record = get(ctx, rtype, pk)
    item = to_json(ctx, rtype, record)
    added = customs(rtype)
    specs = [spec for spec in [*rtype.specs.values(), *added.values()] if _shown(rtype, spec, item)]
    above = [rtype.specs[name] for name in _above(rtype) if item[name]]
    facts = facts_for(ctx, rtype, [item], [*specs, *above])
    edit, theirs = cells.may_edit(ctx, rtype), cells.own_fields(ctx, rtype, item)
    main, links, more = _grouped(rtype, specs, item)
    people = labels(ctx, {"user": [record.created_by_id, record.updated_by_id]})

    def rows(chosen: Sequence[FieldSpec]) -> list[FieldRow]:
        return [
            FieldRow(
                spec.label,
                spec.help,
                cells.cell(rtype, item, spec, facts, place=cells.PANEL, edit=edit or spec.name in theirs),
            )
            for spec in chosen
        ]

    return Panel(
        rtype=rtype,
        pk=record.pk,
        item=item,
        title=title(rtype, item, facts.known),
        anchor=cells.anchor(rtype, record.pk, cells.NAME),
        url=addresses.page(rtype, item["key"] if rtype.is_account else record.pk),
        value=addresses.panel(rtype, record.pk),
        about=[label for spec in above if (label := facts.label(spec.target, item[spec.name]))],
        fields=rows(main),
        links=rows(links),
        more=rows(more),
        special=special(ctx, rtype, item, facts),
        verbs=[verb for verb in verbs(rtype, item) if edit or verb.field in theirs],
        related=related(ctx, rtype, record.pk, rtype.account_of(record)),
        history=history.of_record(ctx, rtype, record.pk),
        external=item["external_ids"],
        created_by=_name(people, record.created_by_id),
        updated_by=_name(people, record.updated_by_id),
        can_edit=edit,
        today=ctx.today,
    )


def deleted(ctx: Context, rtype: RecordType, pk: int) -> Any:
    """Return a record that was deleted and may be brought back. Raises `NotFound`."""
    found = rtype.model.objects.filter(rtype.scope(ctx.actor), pk=pk, deleted_at__isnull=False).first()
    if found is None:
        raise NotFound(f"There is no {rtype.label.lower()} {pk}.")
    return found


def _shown(rtype: RecordType, spec: FieldSpec, item: Item) -> bool:
    if spec.name in _above(rtype) or (spec.kind == "object" and not value_of(spec, item)):
        return False
    # These have a part of their own.
    if rtype.name == "alert" and spec.name in alerts.HIDDEN:
        return False
    if rtype.name == "tier_decision" and spec.name in HIDDEN:
        return False
    if rtype.name == "competitive_position" and spec.name.startswith("weight_"):
        return False
    if rtype.name == "value_gap" and spec.name in FIGURES_OF_ANY and spec.name not in _figures(item):
        return not is_missing(value_of(spec, item))
    return (rtype.name, spec.name) not in {("account", "completeness"), ("account", "health"), ("playbook", "steps")}


def _figures(item: Item) -> list[str]:
    """The figures that the method of a value gap reads."""
    method = str(item["method"])
    return [*FIGURES.get(method, ()), *(name for names in RATINGS.values() for name in names if method == "risk")]


def _above(rtype: RecordType) -> list[str]:
    """The references that say what a record belongs to: they stand over its name."""
    names = dict.fromkeys([rtype.parent, "account"])
    return [name for name in names if name in rtype.specs and rtype.specs[name].kind == "ref" and name in rtype.fixed]


def _grouped(
    rtype: RecordType, specs: Sequence[FieldSpec], item: Item
) -> tuple[list[FieldSpec], list[FieldSpec], list[FieldSpec]]:
    """Part the fields: those that matter or hold something, links to several records, and the empty rest."""
    leading = [rtype.title, *(rtype.quick or rtype.columns), *rtype.columns]
    first = {name: position for position, name in enumerate(dict.fromkeys(leading))}
    ordered = sorted(specs, key=lambda spec: first.get(spec.name, len(first)))
    links = [spec for spec in ordered if spec.kind == "refs"]
    single = [spec for spec in ordered if spec.kind != "refs"]
    needed = _figures(item) if rtype.name == "value_gap" else ()
    main = [
        spec
        for spec in single
        if spec.name in first or spec.required or spec.name in needed or not is_missing(value_of(spec, item))
    ]
    return main, links, [spec for spec in single if spec not in main]


def _name(people: Mapping[tuple[str, int], Label], pk: int | None) -> str:
    label = people.get(("user", pk)) if pk else None
    return label.text if label else "Trackline"


def facts_of(ctx: Context, rtype: RecordType, item: Item) -> Facts:
    """Return the facts of one row with all its fields."""
    return facts_for(ctx, rtype, [item], rtype.specs.values())
