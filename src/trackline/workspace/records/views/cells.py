"""One field of a record: its editor, and what a save answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString

from trackline.kit import formats, htmx
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Invalid, NotFound, Problem, Refused, Stale
from trackline.kit.records import own, services
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.queries import get, to_json
from trackline.kit.records.types import RecordType
from trackline.workspace.records import addresses, cells, forms
from trackline.workspace.records.facts import Facts, Item, customs, facts_for, specs_of
from trackline.workspace.records.labels import title
from trackline.workspace.records.views.common import fresh_json, said, shortened, touched, type_of
from trackline.workspace.records.words import words, words_of
from trackline.workspace.web import page


@page("GET", "POST")
def cell(request: HttpRequest, ctx: Context, name: str, pk: int, field: str) -> HttpResponse:
    """GET: the editor (`?show=1`: the cell as it stands). POST: save it; 422, 409 and 412 answer the editor again."""
    rtype = type_of(name)
    spec = _spec(rtype, field)
    place = request.GET.get("at", "")
    box = _Box(ctx, rtype, spec, place if place in cells.PLACES else cells.TABLE)
    record = get(ctx, rtype, pk)
    if request.method == "GET":
        item = to_json(ctx, rtype, record)
        if request.GET.get("show"):
            return HttpResponse(box.shown(item))
        own.require_fields(ctx, rtype, record, [field])
        return box.editor(request, item)
    before = to_json(ctx, rtype, record)
    typed = forms.posted(request.POST, [spec])
    version = request.POST.get("version", "")
    try:
        saved = services.update(
            ctx,
            rtype,
            pk,
            typed,
            expected_version=int(version) if version.isdecimal() else None,
            merge=True,
            parse="text",
        )
    except Stale as problem:
        return box.conflict(request, fresh_json(ctx, rtype, pk), typed.get(field, ""), problem)
    except (Invalid, Refused) as problem:
        return box.refused(request, before, typed.get(field, ""), version, problem)
    after = fresh_json(ctx, rtype, saved.pk)
    return box.saved(before, after, saved)


class _Box:
    """The place of one field on the page."""

    def __init__(self, ctx: Context, rtype: RecordType, spec: FieldSpec, place: str) -> None:
        self.ctx, self.rtype, self.spec, self.place = ctx, rtype, spec, place

    def shown(self, item: Item) -> SafeString:
        """Draw the cell as it stands."""
        return self._cell(item, facts_for(self.ctx, self.rtype, [item], [self.spec]))

    def editor(self, request: HttpRequest, item: Item) -> HttpResponse:
        """Draw the cell with its control."""
        value = item["custom"].get(self.spec.name[7:]) if self.spec.custom else item.get(self.spec.name)
        return self._editor(request, item, value, item["version"])

    def refused(self, request: HttpRequest, item: Item, typed: Any, version: str, problem: Problem) -> HttpResponse:
        """Keep the entry and say what is wrong with it."""
        errors = forms.errors_of(problem)
        own = errors.get(self.spec.name)
        more = {} if own else {"gate": self._gate(item["id"], typed, problem)}
        return self._editor(
            request, item, typed, version, status=problem.status, errors=own or [problem.detail], **more
        )

    def conflict(self, request: HttpRequest, item: Item, typed: Any, problem: Stale) -> HttpResponse:
        """Show what is stored now beside what was entered."""
        facts = facts_for(self.ctx, self.rtype, [item], [self.spec])
        entries = typed if isinstance(typed, list) else [typed]
        who, when = problem.extra["changed_by"], parse_datetime(problem.extra["changed_at"])
        show = addresses.cell(self.rtype, item["id"], self.spec.name, self.place)
        clash = {
            "who": who,
            "when": _ago(self.ctx, when),
            "rows": [
                {
                    "label": self.spec.label,
                    "theirs": words(self.spec, item, facts),
                    "mine": self._typed_words(typed, item),
                }
            ],
            "theirs_url": f"{show}{'&' if '?' in show else '?'}show=1",
            "mine_url": show,
            "mine": [(self.spec.name, entry) for entry in ["", *entries]]
            if self.spec.many
            else [(self.spec.name, entries[-1])],
        }
        return self._editor(request, item, typed, item["version"], status=problem.status, clash=clash)

    def saved(self, before: Item, after: Item, record: Any) -> HttpResponse:
        """Answer the cell, all that moved with it, and the way back."""
        moved = self._moved(before, after)
        facts = facts_for(self.ctx, self.rtype, [before, after], [self.spec, *moved])
        renamed = title(self.rtype, before, facts.known) != title(self.rtype, after, facts.known)
        more = cells.followed(self.ctx, self.rtype, after, moved, facts, renamed=renamed)
        response = touched(HttpResponse(self._cell(after, facts, more)), self.rtype, record)
        change = getattr(record, "last_change", None)
        if change is None:
            return response
        if self.place == cells.PANEL:
            htmx.trigger(response, "tl:beside")
        old, new = words(self.spec, before, facts), words(self.spec, after, facts)
        text = f"{self.spec.label}: {shortened(old)} → {shortened(new)}"
        return said(response, text, change)

    def _cell(self, item: Item, facts: Facts, more: str = "") -> SafeString:
        edit = cells.may_edit_field(self.ctx, self.rtype, item, self.spec)
        return cells.cell(self.rtype, item, self.spec, facts, place=self.place, edit=edit, more=more)

    def _editor(
        self,
        request: HttpRequest,
        item: Item,
        value: Any,
        version: Any,
        *,
        status: int = 200,
        errors: Sequence[str] = (),
        **more: Any,
    ) -> HttpResponse:
        facts = facts_for(self.ctx, self.rtype, [dict(item) | self._shown_refs(value)], [self.spec])
        account = _account(self.ctx, self.rtype, item)
        lists = forms.lists_for([self.spec])
        drawn = forms.draw(
            self.rtype, self.spec, value, facts, lists, item=item, account=account, errors=errors, in_cell=True
        )
        context = {
            "f": drawn,
            "label": f"{self.spec.label} of {title(self.rtype, item, facts.known)}",
            "url": addresses.cell(self.rtype, item["id"], self.spec.name, self.place),
            "version": version,
            "css": cells.css(self.spec, self.place, "editing"),
            "role": cells.role(self.place),
            **more,
        }
        return render(request, "workspace/records/cell.html", context, status=status)

    def _shown_refs(self, value: Any) -> dict[str, Any]:
        """What the editor's references point to, so that their names are known: entries that are no ids are left out."""
        if self.spec.kind == "ref":
            return {self.spec.name: value if str(value or "").isdecimal() else None}
        if self.spec.kind == "refs":
            return {self.spec.name: [pk for pk in value or () if str(pk).isdecimal()]}
        return {}

    def _typed_words(self, typed: Any, item: Item) -> str:
        try:
            value = self.spec.parse_text(typed)
        except ValueError:
            return str(typed)
        facts = facts_for(self.ctx, self.rtype, [dict(item) | self._shown_refs(value)], [self.spec])
        return words_of(self.spec, value, item, facts)

    def _moved(self, before: Item, after: Item) -> list[FieldSpec]:
        """The fields that this write changed, also those that followed from it."""
        specs = self.rtype.specs | (customs(self.rtype) if before["custom"] != after["custom"] else {})
        return [
            spec
            for name, spec in specs.items()
            if (
                before["custom"].get(name[7:]) != after["custom"].get(name[7:])
                if spec.custom
                else before[name] != after[name]
            )
        ]

    def _gate(self, pk: Any, typed: Any, problem: Problem) -> str:
        """The address of the checks that stopped a route's move, or an empty text."""
        stopped = self.rtype.name == "route" and self.spec.name in ("state", "stage") and problem.errors
        return addresses.gate(pk, str(typed)) if stopped else ""


def _spec(rtype: RecordType, field: str) -> FieldSpec:
    found = specs_of(rtype, [field])
    if not found:
        raise NotFound(f"There is no field {field[:80]}.")
    if not cells.editable(rtype, found[0]):
        raise Forbidden(f"{found[0].label} cannot be changed here.")
    return found[0]


def _account(ctx: Context, rtype: RecordType, item: Item) -> int | None:
    if rtype.is_account:
        return int(item["id"])
    if rtype.account == "account":
        return int(item["account"]) if item["account"] else None
    return rtype.account_of(get(ctx, rtype, item["id"])) if rtype.account else None


def _ago(ctx: Context, when: Any) -> str:
    minutes = int((ctx.now - when).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'} ago"
    return f"on {formats.day(when, ctx.today)}"
