"""Import of one table of a type that is not written in bulk: goals, KPIs, risks, plays and the other registers.

Each row goes through the record services like a write from a form, so every rule of its room holds. Rows are a few
thousand at most.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from trackline.accounts.gathering import gathering
from trackline.connectors.engine.checks import checks_of
from trackline.connectors.engine.identities import natural_fields
from trackline.connectors.engine.matching import most_alike
from trackline.connectors.engine.references import References, Unresolved
from trackline.connectors.engine.rejects import RejectsFile
from trackline.connectors.engine.result import Difference, FileResult, Rejected
from trackline.connectors.engine.setup import prepare_custom_fields
from trackline.connectors.engine.sql import attname
from trackline.connectors.engine.unit import Unit
from trackline.connectors.known import types_of
from trackline.connectors.mapping.drafts import Draft, Drafter
from trackline.connectors.mapping.plan import TablePlan
from trackline.connectors.profiles import OWN
from trackline.connectors.readers import Table
from trackline.kit.history.models import Change
from trackline.kit.problems import Problem
from trackline.kit.records import services
from trackline.kit.records.external import external_ids_of
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import registry

#: By which fields a record is found again, where that is not its account and title; the last one must be given.
_SAME = {
    "observation": ("account", "metric", "on"),
    "health_snapshot": ("account", "on"),
    "journey_score": ("account", "dimension", "on"),
    "check_in": ("goal", "on"),
    "meeting": ("account", "at"),
    "team_member": ("account", "user"),
    "contract_item": ("contract", "product"),
    "execution_reading": ("metric", "period_start"),
    "account_plan": ("account", "title"),
    "plan_version": ("plan", "number"),
    "plan_sign_off": ("plan_version", "signed_at"),
    "plan_suggestion": ("plan_section", "text"),
    "review_freeze": ("meeting", "number"),
    "review_deck": ("meeting",),
    "deck_template": ("title",),
    "sponsorship": ("account", "sponsor", "contact"),
    "step": ("play", "title"),
    "key_result": ("objective", "title"),
    "case_line": ("business_case", "title", "year"),
    "renewal_cycle": ("account", "renewal_date"),
    "assignment": ("learner", "title"),
    "customer_priority": ("account", "fiscal_year", "title"),
    "stage": ("pipeline", "key"),
    "scoring_model": ("from_on", "name"),
    "dashboard": ("owner", "name"),
    "data_steward": ("domain",),
    "booking_target": ("owner", "period", "from_on"),
    "stand_up_entry": ("account", "week_on"),
    "initiative": ("account", "title"),
    "scorecard": ("account", "manager", "name"),
    "scorecard_line": ("scorecard", "metric"),
    "scorecard_breach": ("line", "opened_at"),
    "tier_decision": ("account", "effective_on", "kind"),
    "tier_override": ("account", "granted_on", "tier"),
    "alert": ("account", "rule", "fired_at"),
    "relationship_line": ("contact", "kind", "toward"),
    "pain_point_vote": ("pain_point", "contact"),
    "competitor": ("account", "name"),
    "competitor_sighting": ("competitor", "on", "summary"),
    "competitive_position": ("account",),
    "qualification": ("route", "dimension", "on"),
    "response": ("contact", "wave"),
    "survey_case": ("account", "answered_at", "title"),
    "survey_round": ("title",),
    "value_gap": ("pain_point", "title"),
    "pilot": ("account", "title"),
    "data_source": ("account", "title"),
    "checklist_answer": ("account", "checklist", "item"),
    "whitespace_cell": ("business_unit", "product"),
}
#: Without this field a record is found again in our own files alone, where rows have ids: others tell nobody's answers apart.
_NAMED_BY = {"response": "contact"}
_EVERY = 200


class SingleImport:
    """Imports one table row by row within one transaction; `outcome` tells what was done."""

    def __init__(
        self,
        unit: Unit,
        plan: TablePlan,
        table: Table,
        links: dict[str, dict[str, str]],
        *,
        mode: str,
        rejects: RejectsFile,
        progress: Callable[[int], None],
    ) -> None:
        self._unit = unit
        self._plan = plan
        self._table = table
        self._rtype = registry.get(plan.type)
        self.outcome = FileResult(plan.name, plan.type, self._rtype.resource)
        self.outcome.notes += prepare_custom_fields(unit.ctx, plan, plan.type, dry=unit.dry)
        self._mode = mode
        self._rejects = rejects
        self._progress = progress
        self._drafter = Drafter(
            plan,
            home_currency=unit.completion.home_currency,
            checks=checks_of(self._rtype),
            types=types_of(plan.source),
        )
        self._references = References(unit, links)
        self._own = unit.directory.of(plan.type, unit.system)
        self._rows: dict[int, int] = {}

    def execute(self) -> None:
        """Import all rows."""
        with gathering() as self._unit.gathered:
            self._rows_of_table()
        self._unit.flush()
        self._progress(self.outcome.rows)
        self._rejects.close()
        self.outcome.rejects = self._rejects.name

    def _rows_of_table(self) -> None:
        for draft in self._drafter.drafts(self._table):
            self.outcome.rows += 1
            try:
                self._row(draft)
            except Unresolved as problem:
                draft.reject(problem.heading, problem.value, problem.reason, problem.hint)
            except Problem as problem:
                self._refused(draft, problem)
            if draft.problems:
                self._reject(draft)
            if self.outcome.rows % _EVERY == 0:
                self._progress(self.outcome.rows)

    def _row(self, draft: Draft) -> None:
        if draft.left_out:
            self.outcome.left_out[draft.left_out] += 1
        if draft.left_out or draft.problems:
            return
        data = self._data(draft)
        # What the row names may have been made a moment ago.
        self._unit.flush()
        if any(pk < 0 for name in data for pk in self._pointed(name, data)):
            # A look: what the row names is made by the import itself.
            self._learn(draft, self._unit.writer(self._rtype.name).reserve(), data)
            self._count("created", draft)
            return
        pk = self._find(draft, data)
        if pk in self._rows:
            label = self._rtype.label.lower()
            draft.reject("", "", f"The same {label} as in row {self._rows[pk]}. Keep one of the rows.")
            return
        if (pk is None and self._mode == "update") or (pk is not None and self._mode == "create"):
            wanted = "existing" if self._mode == "update" else "new"
            self.outcome.left_out[f"Only {wanted} {self._rtype.labels.lower()} are wanted."] += 1
            return
        with transaction.atomic():
            written = self._write(draft, data, pk)
            if self._unit.dry:
                transaction.set_rollback(True)
        if self._unit.dry and pk is None:
            written = self._unit.writer(self._rtype.name).reserve()
        self._rows[written] = draft.number
        self._learn(draft, written, data)

    def _pointed(self, name: str, data: dict[str, Any]) -> list[int]:
        """The records that a field of a row points to."""
        spec = self._rtype.specs.get(name)
        if spec is None or not spec.target or data[name] is None:
            return []
        return list(data[name]) if spec.many else [data[name]]

    def _learn(self, draft: Draft, pk: int, data: dict[str, Any]) -> None:
        """Make a record known to the rows that point to it."""
        known = {name: data.get(name) for name in (*natural_fields(self._rtype), self._rtype.lookup) if name}
        self._unit.directory.add(self._rtype.name, self._unit.system, pk, known, draft.external_id)

    def _data(self, draft: Draft) -> dict[str, Any]:
        """Values as the record services take them. Raises `Unresolved`."""
        self._references.complete(draft)
        data: dict[str, Any] = {**draft.values}
        account = None
        if self._rtype.account == "account" and ("account" in draft.references or not self._rtype.shared):
            account = data["account"] = self._references.account(draft)
        for name, given in draft.references.items():
            spec = self._rtype.specs.get(name)
            if name == "account" or spec is None:
                continue
            if spec.many:
                data[name] = self._references.several(draft, name, spec.target, given, account)
            else:
                pk = self._references.resolve(draft, name, spec.target, given, account)
                if pk is not None:
                    data[name] = pk
        if draft.custom:
            data["custom"] = dict(draft.custom)
        return data

    def _kept(self, draft: Draft, data: dict[str, Any]) -> dict[str, Any] | None:
        """Complete a new record from an export of ours: what is empty stays empty. Returns its read-only values."""
        if self._plan.source != OWN or not draft.external_id:
            return None
        for column in self._plan.columns:
            name = column.field_target.field
            spec = self._rtype.specs.get(name)
            if spec is not None and name not in data and _stays_empty(spec):
                data[name] = spec.empty
        return {name: data.pop(called) for name, called in self._alone.items() if called in data}

    @property
    def _alone(self) -> dict[str, str]:
        """What only an export of ours says of a record, by what it calls it."""
        return {name: name for name in self._rtype.read_only} | self._rtype.archived_as

    def _find(self, draft: Draft, data: dict[str, Any]) -> int | None:
        if draft.external_id:
            found = self._own.by_external(draft.external_id)
            if found is not None:
                return found
        key = self._rtype.lookup
        if key and data.get(key):
            # What Trackline ships is there before the file comes, under the same key.
            same = self._rtype.model.objects.filter(deleted_at__isnull=True, **{key: data[key]})
            if (found := same.values_list("pk", flat=True).first()) is not None:
                return int(found)
        default = ("account", self._rtype.title) if self._rtype.account == "account" else (self._rtype.title,)
        names = _SAME.get(self._rtype.name, default)
        own = self._plan.source == OWN and bool(draft.external_id)
        named_by = names[-1] if own else _NAMED_BY.get(self._rtype.name, names[-1])
        if data.get(names[-1]) in (None, "") or data.get(named_by) in (None, ""):
            return None
        wanted: dict[str, Any] = {}
        for name in names:
            value, column = data.get(name), attname(self._rtype.model, name)
            if value is None:
                wanted[f"{column}__isnull"] = True
            else:
                wanted[f"{column}__iexact" if isinstance(value, str) else column] = value
        rows = self._rtype.model.objects.filter(**wanted, deleted_at__isnull=True).order_by("pk")
        pks: list[int] = list(rows.values_list("pk", flat=True))
        if own:
            # Rows with ids of their own are records of their own, also where they have one name.
            pks = [pk for pk in pks if pk not in self._rows]
            return most_alike(self._rtype, pks, data) if len(pks) > 1 else next(iter(pks), None)
        return pks[0] if pks else None

    def _write(self, draft: Draft, data: dict[str, Any], pk: int | None) -> int:
        ctx = self._unit.ctx
        if draft.external_id and self._unit.system != OWN:
            data["external_ids"] = {self._unit.system: draft.external_id}
        if pk is None:
            record = services.create(ctx, self._rtype, data, kept=self._kept(draft, data))
            self._unit.identify(self._rtype.name, record.pk, draft.other_ids)
            self._count("created", draft, str(record))
            return int(record.pk)
        for called in self._alone.values():
            data.pop(called, None)
        if "external_ids" in data:
            data["external_ids"] = {**external_ids_of(self._rtype, pk), **data["external_ids"]}
        for name in self._rtype.fixed:
            data.pop(name, None)
        before = self._rtype.model.objects.values_list("version", flat=True).get(pk=pk)
        record = services.update(ctx, self._rtype, pk, data)
        if record.version == before:
            self._count("unchanged", draft)
            return pk
        change = Change.objects.filter(record_type=self._rtype.name, record_id=pk).latest("pk")
        self.outcome.changed_fields.update(change.changes.keys())
        self._count("updated", draft, str(record), change.changes)
        return pk

    def _count(self, what: str, draft: Draft, title: str = "", changes: dict[str, Any] | None = None) -> None:
        setattr(self.outcome, what, getattr(self.outcome, what) + 1)
        getattr(self._unit.result, what)[self._rtype.resource] += 1
        if what != "unchanged":
            action = "create" if what == "created" else "update"
            self.outcome.show(Difference(draft.number, title, action, changes or {}))
        for warning in draft.warnings:
            told = Rejected(self._plan.name, draft.number, warning.reason, warning.heading, warning.value)
            self._unit.result.warn(told)

    def _refused(self, draft: Draft, problem: Problem) -> None:
        """Tell what the record services refuse, by the columns of the file."""
        headings = self._drafter.headings()
        for error in problem.errors or [{"loc": [], "msg": problem.detail}]:
            name = str(error["loc"][0]) if error["loc"] else ""
            spec = self._rtype.specs.get(name)
            reason = str(error["msg"])
            if name and name not in headings and spec is not None:
                reason = f"{spec.label}: {reason}"
            heading = headings.get(name, "")
            value = next((draft.cells[c.index] for c in self._plan.columns if heading and c.heading == heading), "")
            draft.reject(heading, value, reason)

    def _reject(self, draft: Draft) -> None:
        first, *others = draft.problems
        told = "; ".join(f"{each.heading}: {each.reason}" if each.heading else each.reason for each in draft.problems)
        self._rejects.add(draft.number, draft.cells, told)
        self.outcome.rejected += 1
        name = self._plan.name
        self._unit.result.reject(Rejected(name, draft.number, first.reason, first.heading, first.value, first.hint))
        for each in others:
            self._unit.result.also(Rejected(name, draft.number, each.reason, each.heading, each.value, each.hint))


def _stays_empty(spec: FieldSpec) -> bool:
    """Whether an empty cell is a value of its own; objects take what a new record has."""
    return spec.takes_null and not spec.read_only and spec.kind != "object"
