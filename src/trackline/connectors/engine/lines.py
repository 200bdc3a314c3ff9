"""Rows that point to other rows of the same table: parents of accounts, bosses of contacts, managers of users.

A first pass over the table gives every row its record, so that a row may name one that comes later. Rows whose superior
is rejected, or that would make a circle, are known before the first one is written.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from trackline.accounts.models import Account
from trackline.connectors.engine.candidates import Candidate
from trackline.connectors.engine.references import Unresolved
from trackline.connectors.values.addresses import domain_of
from trackline.connectors.values.columns import show

if TYPE_CHECKING:
    from trackline.connectors.engine.table import TableImport
    from trackline.connectors.mapping.drafts import CellProblem, Draft, Reference


class Lines:
    """What the first pass found out about a table."""

    def __init__(self, owner: TableImport) -> None:
        self._owner = owner
        self._field = owner.rtype.below
        self._keys: dict[int, tuple[int, bool]] = {}
        self._above: dict[int, int] = {}
        self._problems: dict[int, Unresolved] = {}
        #: New records that will not be written.
        self._absent: set[int] = set()
        self._said: dict[int, str] = {}
        self._warnings: dict[int, list[CellProblem]] = {}

    def key_of(self, row: int) -> tuple[int, bool] | None:
        """The record of a row, and whether it is new."""
        return self._keys.get(row)

    def above(self, row: int) -> int | None:
        """The record that a row's record stands below."""
        return self._above.get(row)

    def warnings(self, row: int) -> list[CellProblem]:
        """What to tell about the superior of a row that is imported all the same."""
        return self._warnings.get(row, [])

    def problem(self, row: int) -> Unresolved | None:
        """Why a row cannot be imported."""
        return self._problems.get(row)

    def survey(self) -> None:
        """Read the table once: give records to rows, then settle who stands below whom."""
        owner = self._owner
        if owner.plan.type == "account":
            owner.matcher.share_domains(self._domains())
        pending: list[tuple[Draft, list[Reference]]] = []
        for draft in owner.drafts():
            if draft.left_out or draft.problems:
                continue
            try:
                found = owner.identify(draft)
            except Unresolved:
                # The second pass finds and tells the same.
                continue
            self._expect(draft, found)
            given = draft.references.get(self._field)
            if given and draft.number not in self._problems:
                # Only what is needed to look the superior up is kept of the row.
                draft.cells = []
                pending.append((draft, given))
        # Superiors that exist only as names are settled last, when all rows are known.
        for draft, given in pending:
            self._settle(draft, given)
        self._refuse_circles()
        self._refuse_orphans()

    def _expect(self, draft: Draft, found: Candidate) -> None:
        """Make the record of a row known before it is written, unless something else of the row is wrong."""
        owner = self._owner
        self._keys[draft.number] = (found.pk, found.is_new)
        if owner.left_out_by_mode(found):
            if found.is_new:
                self._absent.add(found.pk)
            return
        try:
            owner.resolve(found)
        except Unresolved as problem:
            self._problems[draft.number] = problem
            if found.is_new:
                self._absent.add(found.pk)
            return
        owner.unit.directory.add(
            owner.plan.type, owner.unit.system, found.pk, owner.matcher.identity(draft), draft.external_id
        )
        if draft.reference:
            owner.unit.directory.references[f"@{draft.reference}"] = (owner.plan.type, found.pk)

    def _refuse_orphans(self) -> None:
        """Reject rows whose superior is a row that is itself rejected, and those below them."""
        for row, _ in self._problems.items():
            pk, is_new = self._keys[row]
            if is_new:
                self._absent.add(pk)
        found = True
        while found:
            found = False
            for row, above in list(self._above.items()):
                if above in self._absent:
                    heading, text = self._words(row)
                    label = self._owner.rtype.specs[self._field].label.lower()
                    self._problems[row] = Unresolved(heading, text, f"The row of its {label} is rejected.")
                    del self._above[row]
                    pk, is_new = self._keys[row]
                    if is_new:
                        self._absent.add(pk)
                    found = True
        if self._owner.rtype.is_account:
            # Paths of new accounts are made row by row, also below accounts that come later or move.
            parents = self._owner.unit.completion.parents
            parents.update({self._keys[row][0]: above for row, above in self._above.items()})
        for pk in self._absent:
            self._owner.unit.directory.forget(self._owner.plan.type, pk)

    def _domains(self) -> set[str]:
        """Web domains that several rows of the table have."""
        column = self._owner.plan.column_for("domain")
        if column is None:
            return set()
        counted = Counter(domain_of(show(row.cells[column.index])) for row in self._owner.table.rows())
        return {domain for domain, times in counted.items() if times > 1}

    def _settle(self, draft: Draft, given: list[Reference]) -> None:
        owner = self._owner
        account = draft.values.get("account")
        self._said[draft.number] = given[0].text
        draft.warnings = []
        try:
            above = owner.references.resolve(draft, self._field, owner.plan.type, given, account)
        except Unresolved as problem:
            self._problems[draft.number] = problem
            return
        if draft.warnings:
            self._warnings[draft.number] = draft.warnings
        pk = self._keys[draft.number][0]
        if above == pk:
            reason = f"{owner.rtype.label} and {owner.rtype.specs[self._field].label.lower()} are the same."
            self._problems[draft.number] = Unresolved(given[0].heading, given[0].text, reason)
        elif above is not None:
            self._above[draft.number] = above

    def _refuse_circles(self) -> None:
        """Follow each line upwards through the file and the book; reject rows that come back to themselves."""
        if not self._above:
            return
        stored = self._stored()
        lines = {**stored, **{self._keys[row][0]: above for row, above in self._above.items()}}
        for row, above in list(self._above.items()):
            pk = self._keys[row][0]
            seen = {pk}
            at: int | None = above
            while at is not None and at not in seen:
                seen.add(at)
                at = lines.get(at)
            if at == pk:
                heading, text = self._words(row)
                self._problems[row] = Unresolved(heading, text, "That would make a circle.")
                del self._above[row]
                lines[pk] = stored.get(pk)

    def _stored(self) -> dict[int, int | None]:
        owner = self._owner
        if owner.rtype.is_account:
            return dict(owner.unit.completion.parents)
        query = owner.rtype.model.objects.filter(**{f"{self._field}__isnull": False}, deleted_at__isnull=True)
        return dict(query.values_list("pk", f"{self._field}_id"))

    def _words(self, row: int) -> tuple[str, str]:
        column = self._owner.plan.column_for(self._field)
        return (column.heading if column else "", self._said.get(row, ""))

    def settle_paths(self, moved: set[int]) -> None:
        """Give accounts that stand elsewhere now, and all below them, their new path."""
        if not moved or not self._owner.rtype.is_account:
            return
        completion = self._owner.unit.completion
        completion.parents.update(Account.objects.filter(pk__in=moved).values_list("pk", "parent_id"))
        below: dict[int | None, list[int]] = {}
        for pk, parent in completion.parents.items():
            below.setdefault(parent, []).append(pk)
        touched: set[int] = set()
        queue: list[int] = list(moved)
        while queue:
            pk = queue.pop()
            if pk not in touched:
                touched.add(pk)
                queue.extend(below.get(pk, ()))
        rows: list[Any] = [Account(pk=pk, path=completion.path(pk)) for pk in touched]
        Account.objects.bulk_update(rows, ["path"], batch_size=200)
