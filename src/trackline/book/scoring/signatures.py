"""Signatures under a version of the scoring model: who gives them, when it is signed, what takes them away. Source: PF-02, PF-16."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from trackline.accounts.settings import setting
from trackline.book.models import ScoringModel, ScoringRun
from trackline.book.scoring.keeping import refresh_ranking
from trackline.book.signing import drop, moved_signatures, name_of, people, stamp, unsigned
from trackline.kit.policy import ADMIN, READ, WRITE, Context
from trackline.kit.problems import Forbidden, Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

SIDES: Mapping[str, str] = {
    "finance": "finance",
    "strategy": "strategy",
    "customer_facing": "the customer-facing side",
}
"""For whom somebody signs, by field."""
SIGNERS: Mapping[str, str] = {side: f"person named for {words}" for side, words in SIDES.items()}
SIGNED_FOR = frozenset({"normaliser", "cutoffs", "criteria"})
"""What is signed: where it changes, the signatures are void."""


def needed() -> int:
    """Return how many different people sign a version; 0: none, it counts as it is saved."""
    return int(setting("scoring.signers"))


def waits_for(model: ScoringModel) -> list[str]:
    """Return the sides whose signature a version waits for; none where it is signed."""
    return [] if model.signed_on else unsigned(model, SIGNERS)


def settle(ctx: Context, stored: ScoringModel | None, model: ScoringModel, changed: set[str], moved: set[str]) -> None:
    """Hold the signatures of a write to who may give them, drop void ones, and date a version that is signed with it.

    `changed` are the fields written, `moved` those of them whose value is another. A version made anew has no signatures,
    unless it comes back from a file with their days.
    """
    if stored is None:
        early = [side for side in SIDES if getattr(model, f"{side}_signed") and not getattr(model, f"{side}_on")]
        if early:
            raise Invalid.fields({f"{side}_signed": "A version is saved first, then signed." for side in early})
    else:
        _move(ctx, stored, model, moved)
    least = needed()
    if stored is None or changed & set(SIDES):
        _check_named(model, least)
    if model.signed_on is None and _signed(model, least):
        model.signed_on = ctx.today


def sign(ctx: Context, pk: Any, side: str = "") -> ScoringModel:
    """Sign a version for a side, or for each the caller is named for; with the last signature needed it ranks the book.

    Raises `Forbidden` where somebody else is named, `Refused` where it is signed already.
    """
    model, sides = _asked(ctx, pk, side)
    if model.signed_on is not None:
        raise Refused(f"{model.name} is signed since {model.signed_on}.", rule="PF-02")
    missing = [one for one in sides if not getattr(model, f"{one}_signed")]
    if not missing:
        raise Refused(f"You have signed {model.name} for {SIDES[sides[0]]} already.", rule="PF-02")
    found = _write(ctx, model.pk, dict.fromkeys(missing, True))
    if found.signed_on is not None and (found.from_on is None or found.from_on <= ctx.today):
        refresh_ranking(ctx, ctx.today)
    return found


def unsign(ctx: Context, pk: Any, side: str = "") -> ScoringModel:
    """Take the caller's signature back, of a version that has not scored yet."""
    model, sides = _asked(ctx, pk, side)
    given = [one for one in sides if getattr(model, f"{one}_signed")]
    if not given:
        raise Refused(f"You have not signed {model.name}.", rule="PF-02")
    return _write(ctx, model.pk, dict.fromkeys(given, False))


def signer_before(side: str) -> Callable[[Context], Any]:
    """Return a default: who is named for a side in the newest version."""

    def named(_ctx: Context) -> Any:
        rows = ScoringModel.objects.alive().filter(**{f"{side}__active": True}).order_by("-pk")
        return rows.values_list(side, flat=True).first()

    return named


# -- inside ----------------------------------------------------------------------------------------------------------


def _asked(ctx: Context, pk: Any, side: str) -> tuple[ScoringModel, list[str]]:
    """Return the version and the sides that are meant; only people sign, each for whom they are named.

    Whoever is named needs but the right to read; a token that was given less than its user holds signs nothing.
    """
    ctx.require(WRITE if ctx.actor.narrowed else READ)
    model: ScoringModel = get(ctx, registry.get("scoring_model"), pk)
    if side and side not in SIDES:
        raise Invalid.fields({"side": f"One of {', '.join(SIDES)} is expected."})
    named = people(model, SIGNERS)
    sides = [one for one in SIDES if named[one] is not None and named[one] == ctx.actor.user_id]
    if side and side not in sides:
        raise Forbidden(f"Only the {SIGNERS[side]} signs here: {name_of(named[side])}.")
    if not sides:
        told = ", ".join(f"{name_of(named[one])} for {words}" for one, words in SIDES.items())
        raise Forbidden(f"You are not named to sign {model.name}: {told}.")
    return model, [side] if side else sides


def _write(ctx: Context, pk: int, signed: Mapping[str, bool]) -> ScoringModel:
    # The record's own right is the administrator's; to sign, being named by one is enough.
    named = replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions | {ADMIN}))
    values = {f"{side}_signed": value for side, value in signed.items()}
    found: ScoringModel = records.update(named, registry.get("scoring_model"), pk, values)
    return found


def _move(ctx: Context, stored: ScoringModel, model: ScoringModel, moved: set[str]) -> None:
    """Stamp signatures that are given or taken back, and drop those of another person or another model."""
    void = set(SIDES) if moved & SIGNED_FOR else {side for side in SIDES if side in moved}
    given = moved_signatures(stored, model, SIGNERS)
    dropped = {side for side in SIDES if getattr(stored, f"{side}_signed") and (side in void or side in given)}
    if dropped or (stored.signed_on and moved & SIGNED_FOR):
        _let_go(stored)
        model.signed_on = None
    for side in SIDES:
        if side in void:
            drop(model, side)
        elif side in given:
            stamp(ctx, model, side, SIGNERS[side])


def _let_go(stored: ScoringModel) -> None:
    """Raise `Refused` where a version cannot do without its signatures."""
    if stored.signed_on is None:
        return
    if ScoringRun.objects.filter(model=stored.pk).exists():
        raise Refused(f"{stored.name} has scored accounts: its signatures stay. Sign a new version.", rule="PF-16")
    if not ScoringModel.objects.alive().filter(signed_on__isnull=False).exclude(pk=stored.pk).exists():
        raise Refused(
            f"{stored.name} is the only scoring model that is signed: without it nothing would be ranked. "
            "Add a new version instead.",
            rule="PF-16",
        )


def _check_named(model: ScoringModel, least: int) -> None:
    """Raise `Invalid` where those named are too few different people."""
    named = people(model, SIGNERS)
    known = [pk for pk in named.values() if pk is not None]
    if not known or len(set(known)) + len(named) - len(known) >= least:
        return
    twice = [side for at, (side, pk) in enumerate(named.items()) if pk is not None and pk in list(named.values())[:at]]
    words = f"{'Three' if least == 3 else 'Two'} different people sign, and this one is named twice."
    raise Invalid.fields(dict.fromkeys(twice, words))


def _signed(model: ScoringModel, least: int) -> bool:
    """Whether a version has the signatures it needs."""
    return least == 0 or (not unsigned(model, SIGNERS) and len(set(people(model, SIGNERS).values())) >= least)
