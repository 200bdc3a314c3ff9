"""Hooks: scoring models whose criteria make sense and that stay once they have scored; targets whose periods are periods."""

from __future__ import annotations

from typing import Any

from trackline.accounts.settings import setting
from trackline.book.models import BookingTarget, ScoringModel, ScoringRun
from trackline.book.rules.scoring_model import read_criteria, shipped
from trackline.book.scoring.signatures import SIDES, settle
from trackline.book.versions import model_in_force
from trackline.core.decimals import plain
from trackline.core.periods import quarter_of
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid, Refused

Links = dict[str, list[int]]
_DECIDING = {"from_on", "normaliser", "cutoffs", "criteria"}


def prepare_model(ctx: Context, model: Any, changed: set[str], _links: Links) -> None:
    """Check the criteria, fill in what they leave out, keep a version that has scored, and settle its signatures."""
    stored = None if model._state.adding else ScoringModel.objects.get(pk=model.pk)
    if stored is None or "criteria" in changed:
        model.criteria = completed(model.criteria)
        if stored is not None and model.criteria == completed(stored.criteria):
            model.criteria = stored.criteria
    moved = {name for name in changed & _DECIDING if stored and getattr(model, name) != getattr(stored, name)}
    if moved and ScoringRun.objects.filter(model=model).exists():
        raise Refused(
            f"{model.name} has scored accounts: its results name it. Add a new version instead.",
            [{"loc": [name], "msg": "Fixed once scores name this version."} for name in sorted(moved)],
        )
    renamed = {side for side in SIDES if stored and getattr(model, f"{side}_id") != getattr(stored, f"{side}_id")}
    settle(ctx, stored, model, changed, moved | renamed)


def completed(given: Any) -> list[Any]:
    """Criteria with what they leave out. Raises `Invalid`."""
    criteria, errors = read_criteria(given)
    if errors:
        first = errors[0]
        raise Invalid(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", errors)
    return [plain(item.model_dump()) for item in criteria]


def criteria_in_force(ctx: Context) -> Any:
    """Default the criteria of a new version to those in force, so that it may change names and cut-offs alone."""
    model = model_in_force(ctx.today)
    return model.criteria if model else shipped()["criteria"]


def allow_model_delete(_ctx: Context, model: Any) -> None:
    """Keep one signed model, and those that results name."""
    if ScoringRun.objects.filter(model=model).exists():
        raise Refused(f"{model.name} has scored accounts: its results name it.")
    signed = ScoringModel.objects.alive().filter(signed_on__isnull=False)
    if model.signed_on is not None and not signed.exclude(pk=model.pk).exists():
        raise Refused("It is the only scoring model that is signed. Add and sign another one first.")


def prepare_target(_ctx: Context, target: Any, _changed: set[str], _links: Links) -> None:
    """Hold a target to the first day of its period, and to one for each period and person."""
    first = int(setting("book.fiscal_year_start_month"))
    quarter, day = quarter_of(target.from_on, first), target.from_on
    begins = {
        "month": day.day == 1,
        "quarter": day == quarter.start,
        "year": day == quarter.start and quarter.number == 1,
    }
    if not begins[target.period]:
        words = "a month" if target.period == "month" else f"a fiscal {target.period}"
        raise Invalid.fields({"from_on": f"The first day of {words} is expected."})
    same = BookingTarget.objects.alive().filter(owner=target.owner_id, period=target.period, from_on=day)
    if same.exclude(pk=target.pk).exists():
        raise Invalid.fields({"from_on": "This period has a target. Change that one."})
