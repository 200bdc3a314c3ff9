"""Import of one table: rows become drafts, drafts find their record, and differences are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

from trackline.connectors.engine.candidates import Candidate
from trackline.connectors.engine.checks import checks_of
from trackline.connectors.engine.completion import Refused
from trackline.connectors.engine.lines import Lines
from trackline.connectors.engine.matching import Matcher
from trackline.connectors.engine.references import References, Unresolved
from trackline.connectors.engine.rejects import RejectsFile
from trackline.connectors.engine.result import Difference, FileResult, Rejected
from trackline.connectors.engine.setup import Stages, prepare_custom_fields
from trackline.connectors.engine.sql import in_chunks
from trackline.connectors.engine.unit import Unit
from trackline.connectors.engine.writer import ledger_pair
from trackline.connectors.known import types_of
from trackline.connectors.mapping.cells import LONG_ID, full_salesforce_id
from trackline.connectors.mapping.drafts import CellProblem, Draft, Drafter
from trackline.connectors.mapping.plan import TablePlan
from trackline.connectors.profiles import OWN
from trackline.connectors.readers import Table
from trackline.connectors.values.columns import show
from trackline.kit.records.links import linked_ids
from trackline.kit.records.types import registry

CHUNK = 2_000
#: Characters of a rejected cell that are told; the file of rejected rows holds all.
_SHOWN = 500
Progress = Callable[[int], None]
"""Told how many rows of the table are done."""

#: Types that take currency or owner from their account.
_LEAN_ON_ACCOUNT = frozenset({"route", "contract", "issue"})


class TableImport:
    """Imports one table within one transaction; `outcome` tells what was done."""

    def __init__(
        self,
        unit: Unit,
        plan: TablePlan,
        table: Table,
        links: dict[str, dict[str, str]],
        *,
        mode: str,
        rejects: RejectsFile,
        progress: Progress,
    ) -> None:
        self.unit = unit
        self.plan = plan
        self.table = table
        self.rtype = registry.get(plan.type)
        self.outcome = FileResult(plan.name, plan.type, self.rtype.resource)
        self.outcome.notes += prepare_custom_fields(unit.ctx, plan, plan.type, dry=unit.dry)
        self._mode = mode
        self._rejects = rejects
        self._progress = progress
        self._drafter = Drafter(
            plan, home_currency=unit.completion.home_currency, checks=checks_of(self.rtype), types=types_of(plan.source)
        )
        self.references = References(unit, links)
        self._stages = Stages(unit.ctx, plan, dry=unit.dry) if plan.type == "route" and plan.source != OWN else None
        self._own = unit.directory.of(plan.type, unit.system)
        self._writer = unit.writer(plan.type)
        self.matcher = Matcher(self.rtype, self._own, self._drafter.headings())
        self._seen: dict[int, tuple[int, int]] = {}
        self._below = self.rtype.below
        self._lines: Lines | None = None
        self._moved: set[int] = set()
        self._places = {column.heading: column.index for column in plan.columns}

    def execute(self) -> None:
        """Import all rows."""
        if self._needs_survey():
            self._lines = Lines(self)
            self._lines.survey()
        for chunk in in_chunks(self._drafter.drafts(self.table), CHUNK):
            candidates = [found for draft in chunk if (found := self.candidate(draft)) is not None]
            self._write(candidates)
            self.unit.flush()
            self.outcome.rows += len(chunk)
            self._progress(self.outcome.rows)
        if self._lines is not None and not self.unit.dry:
            self._lines.settle_paths(self._moved)
        if self._stages is not None:
            self._stages.order()
        self._rejects.close()
        self.outcome.rejects = self._rejects.name
        for resource, count in self.unit.made.items():
            noun = resource.replace("-", " ") if count > 1 else resource.replace("-", " ").removesuffix("s")
            said = "to be added" if self.unit.dry else "added"
            self.outcome.notes.append(f"{count} {noun} {said} because rows name them")

    def _needs_survey(self) -> bool:
        """Whether rows may point to later rows of the same table, or share addresses."""
        if self.plan.type == "account":
            return True
        own = [self._below, *(name for name in self.rtype.loose if self.rtype.specs[name].target == self.plan.type)]
        return any(name and self.plan.column_for(name) is not None for name in own)

    def drafts(self) -> Iterator[Draft]:
        """Every row, read again from the start."""
        return self._drafter.drafts(self.table)

    # -- one row ---------------------------------------------------------------------------------------------------

    def candidate(self, draft: Draft) -> Candidate | None:
        """The record that a row is about, or nothing where the row is rejected or left out."""
        if draft.left_out:
            self.outcome.left_out[draft.left_out] += 1
            return None
        if draft.problems:
            self._reject_all(draft)
            return None
        try:
            found = self._accept(draft)
        except Unresolved as problem:
            self.reject(draft, problem.heading, problem.value, problem.reason, problem.hint)
            return None
        if found is not None:
            self._make_known(found)
        return found

    def _accept(self, draft: Draft) -> Candidate | None:
        """Find the record and all it refers to; nothing where there is nothing to do. Raises `Unresolved`."""
        found = self.identify(draft)
        if self._lines is not None and (problem := self._lines.problem(draft.number)) is not None:
            raise problem
        if self._repeats(found):
            return None
        self.matcher.refuse_clash(found)
        if reason := self.left_out_by_mode(found):
            self.outcome.left_out[reason] += 1
            return None
        self.resolve(found)
        return found

    def _make_known(self, found: Candidate) -> None:
        draft = found.draft
        self._seen[found.pk] = (draft.number, hash(tuple(draft.cells)))
        identity = self.matcher.identity(draft)
        if alias := draft.values.get(self.rtype.lookup):
            identity = {**identity, self.rtype.lookup: alias}
        self.unit.directory.add(self.plan.type, self.unit.system, found.pk, identity, draft.external_id)
        if draft.reference:
            self.unit.directory.references[f"@{draft.reference}"] = (self.plan.type, found.pk)
        if self._lines is not None:
            draft.warnings += self._lines.warnings(draft.number)
        for warning in map(partial(self._as_written, draft), draft.warnings):
            told = Rejected(self.plan.name, draft.number, warning.reason, warning.heading, warning.value)
            self.unit.result.warn(told)

    def identify(self, draft: Draft) -> Candidate:
        """Find the record of a row, or give it a key. Raises `Unresolved`."""
        self.references.complete(draft)
        self.matcher.refuse_unnamed(draft)
        if self.rtype.account == "account":
            draft.values["account"] = self.references.account(draft)
        if self._lines is not None and (key := self._lines.key_of(draft.number)) is not None:
            return Candidate(draft, *key)
        pk = self.matcher.find(draft)
        found = Candidate(draft, self._writer.reserve(), True) if pk is None else Candidate(draft, pk, False)
        self.matcher.take(found.pk, draft)
        return found

    @property
    def noun(self) -> str:
        """What a record of the table is called."""
        return self.rtype.label.lower()

    def _repeats(self, candidate: Candidate) -> bool:
        """Whether an earlier row was about the same record; one that says the same again is counted unchanged."""
        earlier = self._seen.get(candidate.pk)
        if earlier is None:
            return False
        if not self.plan.embedded:
            if earlier[1] != hash(tuple(candidate.draft.cells)):
                raise Unresolved(
                    "", "", f"The same {self.noun} as in row {earlier[0]}, but with other values. Keep one of the rows."
                )
            self._count("unchanged")
        return True

    def left_out_by_mode(self, candidate: Candidate) -> str:
        """Why a row is left out because only new, or only existing records are wanted; empty where it is not."""
        labels = self.rtype.labels.lower()
        if candidate.is_new and self._mode == "update":
            return f"New {labels}: only existing ones are updated."
        if not candidate.is_new and self._mode == "create":
            return f"Existing {labels}: only new ones are created."
        return ""

    # -- references ------------------------------------------------------------------------------------------------

    def resolve(self, candidate: Candidate) -> None:
        """Turn values into stored ones, references into keys. Raises `Unresolved`."""
        draft = candidate.draft
        values = candidate.values
        for name, value in draft.values.items():
            values[self._attname(name)] = value
        account = draft.values.get("account")
        for name, given in draft.references.items():
            if name == "account" or (name == self._below and self._lines is not None):
                continue
            spec = self.rtype.specs.get(name)
            if spec is None or not spec.target:
                continue
            if spec.many:
                candidate.links[name] = self.references.several(draft, name, spec.target, given, account)
                continue
            if name in self.rtype.loose:
                # A name says nothing of whom it means in another account.
                given = [each for each in given if each.by] or given
            pk = self.references.resolve(draft, name, spec.target, given, None if name in self.rtype.loose else account)
            if pk is not None:
                values[f"{name}_id"] = pk
        if self._lines is not None and (above := self._lines.above(draft.number)) is not None:
            values[f"{self._below}_id"] = above
        if self._stages is not None:
            self._place_in_pipeline(draft, values)

    def _attname(self, name: str) -> str:
        return "account_id" if name == "account" else name

    def _place_in_pipeline(self, draft: Draft, values: dict[str, Any]) -> None:
        assert self._stages is not None
        pipeline = values.pop("pipeline", "")
        stage = values.pop("stage", "")
        if not stage:
            return
        state = values.get("state") or draft.defaults.get("state", "identified")
        chance = float(values.get("probability") or draft.defaults.get("probability") or 0)
        found = self._stages.find(stage, pipeline, state, chance)
        if found is not None:
            values["pipeline_id"], values["stage"] = found

    # -- writing ---------------------------------------------------------------------------------------------------

    def _write(self, candidates: list[Candidate]) -> None:
        if self.plan.type in _LEAN_ON_ACCOUNT:
            self.unit.completion.facts_of_accounts(each.values["account_id"] for each in candidates)
        existing = [each for each in candidates if not each.is_new]
        current = self._current(existing)
        linked = self._linked(existing)
        for candidate in candidates:
            try:
                if candidate.is_new:
                    self._create(candidate)
                elif candidate.pk in current:
                    self._change(candidate, current[candidate.pk], linked)
                else:
                    # A look: the record is one that an earlier file of the same import would create.
                    self._count("unchanged")
            except Refused as refused:
                heading = self._drafter.headings().get(refused.field, "")
                if candidate.is_new:
                    self.unit.directory.forget(self.plan.type, candidate.pk)
                self.reject(candidate.draft, heading, candidate.draft.values.get(refused.field, ""), refused.reason)

    def _create(self, candidate: Candidate) -> None:
        values = dict(candidate.values)
        for name, called in self.rtype.archived_as.items():
            if called in values:
                values[name] = values.pop(called)
        self._keep_empty(candidate.draft, values)
        for name, value in candidate.draft.defaults.items():
            values.setdefault(self._attname(name), value)
        self.unit.completion.create(self.rtype, candidate.pk, values)
        external = candidate.draft.external_id if self.unit.keeps_ids else ""
        self._writer.insert(candidate.pk, values, candidate.draft.custom, external)
        self._store(candidate.pk, candidate.draft.external_id)
        self.unit.identify(self.rtype.name, candidate.pk, candidate.draft.other_ids)
        for name, keys in candidate.links.items():
            self.unit.link(self.rtype, name, candidate.pk, keys)
        if self.plan.type == "interaction" and values.get("two_way", True):
            self.unit.completion.touch(candidate.links.get("contacts", ()), values["on"])
        self._count("created")
        if self.outcome.shows_more:
            made = self._made(candidate, values) if self.unit.dry else {}
            self.outcome.show(Difference(candidate.draft.number, self._writer.title(values), "create", made))

    def _made(self, candidate: Candidate, values: dict[str, Any]) -> dict[str, list[Any]]:
        """What the row of a new record says, for people who look first; words stand for records that are new themselves."""
        draft = candidate.draft
        made: dict[str, list[Any]] = {}
        for name in [*candidate.values, *(self._attname(each) for each in draft.defaults)]:
            field_name = self._field(name)
            value = draft.values.get(field_name, values.get(name))
            if field_name != name and isinstance(value, int) and value < 0:
                value = draft.says(field_name) or value
            if value not in (None, "", []) and field_name != self.rtype.title:
                made[field_name] = ledger_pair(None, value)
        return made | {f"custom.{key}": [None, value] for key, value in draft.custom.items()}

    def _keep_empty(self, draft: Draft, values: dict[str, Any]) -> None:
        """In a record of an export of ours a reference that is empty stays empty; nobody steps in."""
        if self.plan.source == OWN and draft.external_id:
            for column in self.plan.columns:
                spec = self.rtype.specs.get(column.field_target.field)
                if spec is not None and spec.kind == "ref" and spec.takes_null:
                    values.setdefault(f"{spec.name}_id", None)

    def _store(self, pk: int, external_id: str) -> None:
        self.unit.directory.store(self.plan.type, self.unit.system, pk, external_id)

    def _current(self, existing: list[Candidate]) -> dict[int, dict[str, Any]]:
        """Stored values of the records that rows may change; what archives alone hold of them is theirs already."""
        if not existing:
            return {}
        for each in existing:
            for called in self.rtype.archived_as.values():
                each.values.pop(called, None)
        names = {name for each in existing for name in each.values}
        names |= {"id", "version", "custom", self.rtype.title, *self.rtype.search}
        if self.rtype.name == "route":
            names |= {"state", "stage", "probability"}
        if self.rtype.account == "account":
            names.add("account_id")
        if self.rtype.name == "contract":
            names |= {"start_on", "end_on"}
        listed = sorted(names)
        found = {}
        for start in range(0, len(existing), 900):
            keys = [each.pk for each in existing[start : start + 900] if each.pk > 0]
            for row in self.rtype.model.objects.filter(pk__in=keys).values(*listed):
                found[row["id"]] = row
        return found

    def _linked(self, existing: list[Candidate]) -> dict[str, dict[int, list[int]]]:
        """What the records that rows of our own exports may change are linked with; other files add no links later."""
        names = {name for each in existing for name in each.links} if self.plan.source == OWN else set()
        pks = [each.pk for each in existing if each.pk > 0]
        return {name: linked_ids(self.rtype.specs[name], self.rtype, pks) for name in sorted(names)}

    def _relink(self, candidate: Candidate, linked: dict[str, dict[int, list[int]]]) -> dict[str, list[Any]]:
        """Give a record the links that its row names; returns what changed, as the ledger keeps it."""
        diff: dict[str, list[Any]] = {}
        for name, there in linked.items():
            before, after = there.get(candidate.pk, []), sorted(candidate.links.get(name, ()))
            if after and after != before:
                diff[name] = [before, after]
                if not self.unit.dry:
                    getattr(cast(Any, self.rtype.model)(pk=candidate.pk), name).set(after)
        return diff

    def _change(self, candidate: Candidate, current: dict[str, Any], linked: dict[str, dict[int, list[int]]]) -> None:
        draft = candidate.draft
        if current.get("account_id") is not None and candidate.values.get("account_id") != current["account_id"]:
            reason = f"This {self.noun} belongs to another account here, and cannot move. Delete it there first."
            given = draft.references.get("account")
            self.reject(draft, given[0].heading if given else "", given[0].text if given else "", reason)
            return
        values = {name: value for name, value in candidate.values.items() if current.get(name) != value}
        self.unit.completion.change(self.rtype, current, values, draft.defaults)
        diff = {
            self._field(name): ledger_pair(current.get(name), value)
            for name, value in values.items()
            if current.get(name) != value
        }
        diff |= self._relink(candidate, linked)
        custom = {key: value for key, value in draft.custom.items() if current["custom"].get(key) != value}
        for key, value in custom.items():
            diff[f"custom.{key}"] = [current["custom"].get(key), value]
        new = bool(draft.external_id) and self.unit.keeps_ids and not self._knows(candidate)
        external = draft.external_id if new else ""
        if external:
            diff["external_ids"] = [{}, {self.unit.system: external}]
        if not diff:
            self._count("unchanged")
            return
        if custom:
            values["custom"] = {**current["custom"], **custom}
        self._writer.update(candidate.pk, current, values, diff, external)
        self._store(candidate.pk, external)
        if "parent_id" in values and self.rtype.is_account:
            self._moved.add(candidate.pk)
        self._count("updated")
        self.outcome.changed_fields.update(diff.keys())
        title = self._writer.title({**current, **values})
        self.outcome.show(Difference(draft.number, title, "update", diff))

    def _knows(self, candidate: Candidate) -> bool:
        return self._own.holds(candidate.draft.external_id, candidate.pk)

    def _field(self, attname: str) -> str:
        return attname[:-3] if attname.endswith("_id") and attname[:-3] in self.rtype.specs else attname

    # -- counting --------------------------------------------------------------------------------------------------

    def _count(self, what: str) -> None:
        setattr(self.outcome, what, getattr(self.outcome, what) + 1)
        getattr(self.unit.result, what)[self.rtype.resource] += 1

    def _reject_all(self, draft: Draft) -> None:
        if self.plan.embedded:
            return
        first, *others = (self._as_written(draft, problem) for problem in draft.problems)
        self._rejects.add(draft.number, draft.cells, "; ".join(map(_told, (first, *others))))
        self.outcome.rejected += 1
        self.unit.result.reject(self._rejected(draft, first))
        for more in others:
            self.unit.result.also(self._rejected(draft, more))

    def _as_written(self, draft: Draft, problem: CellProblem) -> CellProblem:
        """What is wrong, with an id as the file has it: short ids of Salesforce are looked up in their long form."""
        place = self._places.get(problem.heading)
        if place is None or len(problem.value) != LONG_ID or place >= len(draft.cells):
            return problem
        written = show(draft.cells[place]).strip()
        if written == problem.value or full_salesforce_id(written) != problem.value:
            return problem
        return problem._replace(value=written, reason=problem.reason.replace(problem.value, written))

    def _rejected(self, draft: Draft, problem: CellProblem) -> Rejected:
        return Rejected(
            self.plan.name, draft.number, problem.reason, problem.heading, problem.value[:_SHOWN], problem.hint
        )

    def reject(self, draft: Draft, heading: str, value: Any, reason: str, hint: str = "") -> None:
        """Reject a row for one reason."""
        draft.problems = []
        draft.reject(heading, value, reason, hint)
        self._reject_all(draft)


def _told(problem: CellProblem) -> str:
    return f"{problem.heading}: {problem.reason}" if problem.heading else str(problem.reason)
