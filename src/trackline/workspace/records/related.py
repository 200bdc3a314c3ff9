"""What points to a record: which lists its panel shows below its own fields. The lists are data; `related` reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.records.queries import ListParams, filtered
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import addresses, cells, tables
from trackline.workspace.records.labels import in_sentence, with_article
from trackline.workspace.records.tables import Table

ROWS = 8


@dataclass(frozen=True)
class Pointing:
    """Records of a type whose `field` names the record at hand.

    `owned` ones belong to it and go with it; others are linked, and may be unlinked. `always` shows the list while it
    is empty, because it is what the record is for.
    """

    type: str
    field: str
    label: str
    columns: tuple[str, ...]
    owned: bool = False
    always: bool = False
    order: str = ""


@dataclass(frozen=True)
class Related:
    """One list below a record: its table, and the entry that links a further record."""

    pointing: Pointing
    rtype: RecordType
    label: str
    table: Table
    linking: FormField | None = None
    link_url: str = ""


RELATED: Mapping[str, tuple[Pointing, ...]] = {
    "survey_round": (
        Pointing("wave", "round", "Waves", ("title", "account", "status", "sent_on", "closes_on"), order="-sent_on"),
    ),
    "wave": (
        Pointing(
            "response", "wave", "Responses", ("on", "contact", "audience", "recommend", "ease"), owned=True, order="-on"
        ),
    ),
    "response": (Pointing("survey_case", "response", "Cases it opened", ("title", "status", "due_at")),),
    "business_unit": (
        Pointing("contact", "business_unit", "Contacts", ("name", "title")),
        Pointing("business_unit", "parent", "Units below", ("name", "area")),
        Pointing("route", "business_unit", "Routes", ("title", "state", "value")),
    ),
    "contact": (
        Pointing("interaction", "contacts", "Interactions", ("on", "kind", "summary"), always=True, order="-on"),
        Pointing("meeting", "contacts", "Meetings", ("at", "title", "status"), order="-at"),
        Pointing("contact", "reports_to", "Direct reports", ("name", "title")),
        Pointing("relationship_line", "contact", "Whom they move", ("kind", "toward", "note"), owned=True, always=True),
        Pointing("relationship_line", "toward", "Who moves them", ("contact", "kind", "note")),
        Pointing("action", "client_owner", "Actions", ("title", "due_on", "status")),
        Pointing("goal", "client_owner", "Goals of theirs", ("title", "status", "due_on")),
        Pointing("kpi", "client_owner", "KPIs of theirs", ("name", "current", "target")),
        Pointing("issue", "contact", "Issues", ("title", "severity", "status")),
        Pointing("note", "contact", "Notes", ("on", "title")),
        Pointing("value_outcome", "verified_by", "Value they confirmed", ("title", "money", "verified_on")),
        Pointing("cadence", "client_participants", "Cadences", ("name", "frequency")),
    ),
    "metric": (
        Pointing("kpi", "metric", "KPIs that read it", ("name", "account", "current")),
        Pointing("observation", "metric", "Observations", ("on", "account", "value"), owned=True, order="-on"),
    ),
    "kpi": (
        Pointing("goal", "kpis", "Goals it measures", ("title", "status", "progress_pct"), always=True),
        Pointing("observation", "kpi", "Observations", ("on", "value", "source"), owned=True, always=True, order="-on"),
        Pointing("value_outcome", "kpi", "Value outcomes", ("title", "before", "after")),
    ),
    "pain_point": (
        Pointing(
            "pain_point_vote", "pain_point", "Votes", ("contact", "impact", "urgency", "on"), owned=True, always=True,
            order="-on",
        ),
        Pointing("value_gap", "pain_point", "What closing it is worth", ("title", "method", "figures_from"), owned=True, always=True),
        Pointing("pilot", "pain_points", "Pilots", ("title", "status", "due_on")),
        Pointing("customer_priority", "pain_points", "Priorities of theirs it belongs to", ("title", "rank"), always=True),
        Pointing("goal", "pain_points", "Goals that relieve it", ("title", "status"), always=True),
        Pointing("route", "pain_points", "Routes that answer it", ("title", "state", "value"), always=True),
        Pointing("whitespace_cell", "pain_points", "White space that would relieve it", ("product", "business_unit", "value")),
    ),
    "competitor": (
        Pointing(
            "competitor_sighting", "competitor", "Seen of them", ("on", "kind", "summary", "sources"), owned=True,
            always=True, order="-on",
        ),
    ),
    "issue": (Pointing("risk", "issue", "Risks behind it", ("title", "likelihood", "impact")),),
    "journey_dimension": (Pointing("journey_score", "dimension", "Scores", ("on", "account", "score"), order="-on"),),
    "customer_priority": (Pointing("goal", "priority", "Goals that serve it", ("title", "status"), always=True),),
    "objective": (
        Pointing("key_result", "objective", "Key results", ("title", "current", "target"), owned=True, always=True),
        Pointing("goal", "objectives", "Goals of all accounts", ("title", "account", "status"), always=True),
    ),
    "goal": (
        Pointing(
            "check_in", "goal", "Check-ins", ("on", "value", "comment"), owned=True, always=True, order="-on"
        ),
        Pointing("route", "goal", "Routes", ("title", "state", "value")),
        Pointing("play", "goal", "Plays", ("title", "status", "due_on")),
        Pointing("value_outcome", "goal", "Value delivered", ("title", "before", "after")),
        Pointing("business_case", "goal", "Business cases", ("title", "discount_rate_pct")),
    ),
    "business_case": (
        Pointing("route", "business_case", "Routes that rest on it", ("title", "state", "value"), always=True),
    ),
    "product": (
        Pointing("route", "product", "Routes", ("title", "account", "state")),
        Pointing("contract_item", "product", "In contracts", ("contract", "contracted_qty", "arr")),
    ),
    "project": (Pointing("route", "projects", "Routes that led to it", ("title", "state", "value"), always=True),),
    "pipeline": (
        Pointing(
            "stage", "pipeline", "Stages", ("name", "state", "probability"), owned=True, always=True, order="position"
        ),
    ),
    "contract": (
        Pointing(
            "contract_item", "contract", "Items", ("product", "contracted_qty", "arr"), owned=True, always=True
        ),
        Pointing("renewal_cycle", "contract", "Renewals", ("renewal_date", "state", "arr_up"), order="-renewal_date"),
    ),
    "renewal_cycle": (
        Pointing("route", "renewal", "Renewal route", ("title", "state", "value"), always=True),
        Pointing("play", "renewal", "Plays that prepare it", ("title", "status", "due_on"), always=True),
    ),
    "route": (Pointing("play", "routes", "Plays", ("title", "status", "due_on"), always=True),),
    "assignment": (Pointing("play", "assignments", "Plays that depend on it", ("title", "account", "status")),),
    "playbook": (Pointing("play", "playbook", "Plays from it", ("title", "account", "status")),),
    "cadence": (
        Pointing("meeting", "cadence", "Meetings", ("at", "title", "status"), always=True, order="-at"),
    ),
    "meeting": (
        Pointing("decision", "meeting", "Decisions", ("title", "status", "owner"), always=True),
        Pointing("action", "meeting", "Actions", ("title", "due_on", "owner"), always=True),
    ),
    "decision": (Pointing("action", "decision", "Actions", ("title", "due_on", "status"), always=True),),
    "execution_metric": (
        Pointing(
            "execution_reading", "metric", "Readings", ("period_start", "value"), owned=True, always=True,
            order="-period_start",
        ),
    ),
}  # fmt: skip


def related(ctx: Context, rtype: RecordType, pk: int, account: int | None) -> list[Related]:
    """Return the lists below a record: those that hold something, and those it is for."""
    found = []
    for pointing in RELATED.get(rtype.name, ()):
        other = registry.get(pointing.type)
        if pointing.always or filtered(ctx, other, _params(pointing, pk)).exists():
            found.append(_read(ctx, rtype, pk, account, pointing, other))
    return found


def _params(pointing: Pointing, pk: int) -> ListParams:
    return ListParams(filters={pointing.field: str(pk)}, order=pointing.order, limit=ROWS)


def _read(
    ctx: Context, rtype: RecordType, pk: int, account: int | None, pointing: Pointing, other: RecordType
) -> Related:
    given: dict[str, Any] = {pointing.field: pk}
    if account and other.account == "account":
        given["account"] = account
    may = cells.may_edit(ctx, other)
    linkable = may and not pointing.owned and pointing.field not in (*other.fixed, *other.read_only)
    unlinkable = linkable and not other.specs[pointing.field].required
    table = tables.build(
        ctx,
        other,
        params=_params(pointing, pk),
        columns=pointing.columns,
        given=given,
        name=f"{other.resource}-of-{rtype.name}-{pk}-{pointing.field}",
        label=pointing.label,
        all_url=addresses.listing(other, {pointing.field: pk}),
        inset=True,
        add=_can_be_made(rtype, other, account),
        back=addresses.panel(rtype, pk),
        removable=pointing.owned,
        actions=_unlink(rtype, pk, other, pointing.field) if unlinkable else None,
        empty_text=f"No {in_sentence(other, plural=True)} yet.",
    )
    url = addresses.link(rtype, pk, other, pointing.field)
    return Related(pointing, other, pointing.label, table, _linking(other, account) if linkable else None, url)


def _can_be_made(rtype: RecordType, other: RecordType, account: int | None) -> bool:
    """A record of an account cannot be made from one of the whole book: it would not say of which."""
    return account is not None or not other.account or other.account.split("__")[0] == rtype.name


def _linking(other: RecordType, account: int | None) -> FormField:
    bound = account if other.account else None
    return FormField(
        name="pk",
        kind="ref",
        label=f"Link {with_article(other)}",
        required=True,
        placeholder=f"Link {with_article(other)}",
        options_url=addresses.options(other, bound),
    )


def _unlink(rtype: RecordType, pk: int, other: RecordType, field: str) -> Any:
    url = addresses.link(rtype, pk, other, field)

    def draw(item: Mapping[str, Any]) -> SafeString:
        return format_html(
            '<button class="btn ghost small" type="button" hx-post="{}" hx-swap="none" '
            'hx-vals=\'{{"pk": "{}", "remove": "1"}}\'>Unlink</button>',
            url,
            item["id"],
        )

    return draw


def names(rtype: RecordType) -> Sequence[str]:
    """Return the types of records that go when a record of this type goes."""
    return [child.name for child in registry.children(rtype)]


def below(rtype: RecordType, pks: Iterable[int]) -> list[tuple[RecordType, int]]:
    """Return how many living records of which types go when these go, all levels down."""
    ids = list(pks)
    counts: dict[str, int] = {}
    _count(rtype, ids, counts)
    return [(registry.get(name), count) for name, count in counts.items() if count]


def _count(rtype: RecordType, ids: list[int], counts: dict[str, int]) -> None:
    for child in registry.children(rtype):
        query = child.model.objects.filter(**{f"{child.parent}_id__in": ids}, deleted_at__isnull=True)
        found = list(query.values_list("pk", flat=True))
        if found:
            counts[child.name] = counts.get(child.name, 0) + len(found)
            _count(child, found, counts)
