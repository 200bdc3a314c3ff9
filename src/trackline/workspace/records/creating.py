"""The form of a new record: what it starts with, which fields come first, what it sends along unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.queries import get
from trackline.kit.records.types import RecordType, registry
from trackline.workspace.records import forms
from trackline.workspace.records.facts import Facts, customs
from trackline.workspace.records.labels import Label, in_sentence, labels


@dataclass(frozen=True)
class NewForm:
    """What `workspace/records/new.html` prints."""

    rtype: RecordType
    first: Sequence[FormField]
    more: Sequence[FormField]
    hidden: Sequence[tuple[str, str]]
    about: Sequence[Label]
    errors: Sequence[Mapping[str, str]]

    @property
    def noun(self) -> str:
        """The type's name inside a sentence."""
        return in_sentence(self.rtype)

    @property
    def open_more(self) -> bool:
        """Whether the further fields must be seen: one of them was refused."""
        return any(f.errors for f in self.more)


def specs_for_new(rtype: RecordType) -> dict[str, FieldSpec]:
    """Return the fields that a browser sets on creation, those of administrators last."""
    own = {name: spec for name, spec in rtype.specs.items() if not spec.read_only and spec.kind != "object"}
    return own | customs(rtype)


def given_of(rtype: RecordType, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the values a form starts with from query parameters that name fields."""
    given: dict[str, Any] = {}
    for name, value in query.items():
        spec = rtype.specs.get(name)
        if spec is not None and not spec.read_only and value:
            given[name] = value.split(",") if spec.many or spec.kind == "tags" else value
    return given


def form(
    ctx: Context,
    rtype: RecordType,
    given: Mapping[str, Any],
    *,
    typed: forms.Typed | None = None,
    errors: forms.Errors | None = None,
    detail: str = "",
) -> NewForm:
    """Build the form; with `typed` it keeps what was entered and says what is wrong with it."""
    specs = specs_for_new(rtype)
    account = account_of_given(ctx, rtype, given)
    unseen = {name for name in ("account", rtype.parent) if given.get(name) and name in specs}
    values = _start(ctx, rtype, given) if typed is None else dict(typed)
    wanted: dict[str, list[Any]] = {}
    for name, spec in specs.items():
        if spec.kind in ("ref", "refs"):
            value = given.get(name) if name in unseen else values.get(name)
            ids = value if isinstance(value, list) else [value]
            wanted.setdefault(spec.target, []).extend(pk for pk in ids if str(pk or "").isdecimal())
    facts = Facts(rtype, ctx.today, ctx.actor.user_id, labels(ctx, wanted))
    lists = forms.lists_for(specs.values())
    wrong = errors or {}

    def drawn(name: str) -> FormField:
        return forms.draw(
            rtype, specs[name], values.get(name), facts, lists, account=account, errors=wrong.get(name, ())
        )

    # What the link has filled in is in sight, so that nobody saves what he did not see.
    leading = [
        name for name in dict.fromkeys([*_leading(rtype, specs), *given]) if name in specs and name not in unseen
    ]
    rest = [name for name in specs if name not in leading and name not in unseen]
    first = [drawn(name) for name in leading]
    # A refused form gives the focus to what is wrong with it.
    if first and not wrong:
        first[0].autofocus = True
    return NewForm(
        rtype=rtype,
        first=first,
        more=[drawn(name) for name in rest],
        hidden=[(name, str(given[name])) for name in sorted(unseen)],
        about=[label for name in sorted(unseen) if (label := facts.label(specs[name].target, given[name]))],
        errors=forms.summary(wrong, [specs[name] for name in (*leading, *rest)], detail),
    )


def account_of_given(ctx: Context, rtype: RecordType, given: Mapping[str, Any]) -> int | None:
    """Return the account a new record will belong to: named, or that of its parent. Raises `NotFound` outside scope."""
    first, _, rest = rtype.account.partition("__")
    value = given.get(first)
    if not value or rtype.is_account:
        return None
    if not str(value).isdecimal():
        raise NotFound("There is no such record.")
    target = registry.get(rtype.specs[first].target)
    record = get(ctx, target, value)
    return target.account_of(record) if rest else int(value)


def _leading(rtype: RecordType, specs: Mapping[str, FieldSpec]) -> list[str]:
    needed = [name for name, spec in specs.items() if spec.required]
    quick = list(rtype.quick or rtype.columns)
    ordered = [*(name for name in needed if name not in quick), *quick]
    return [name for name in dict.fromkeys(ordered) if name in specs]


def _start(ctx: Context, rtype: RecordType, given: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: spec.default for name, spec in rtype.specs.items() if spec.default is not None}
    for name, default in rtype.defaults.items():
        values[name] = default(ctx)
    return values | dict(given)
