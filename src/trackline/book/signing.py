"""Signatures: each is given and taken back by the person named, in person; where it is asked, by different people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackline.accounts.models import User
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden

Signers = Mapping[str, str]
"""Who signs, in words, by the field that names the person; `<field>_signed` and `<field>_on` hold the signature."""


def moved_signatures(stored: Any, record: Any, signers: Signers) -> list[str]:
    """Return the fields whose signature a write gives or takes back."""
    return [name for name in signers if getattr(record, f"{name}_signed") != getattr(stored, f"{name}_signed")]


def stamp(ctx: Context, record: Any, name: str, words: str) -> None:
    """Date a signature that was given, or take its date away. Raises `Forbidden` where it is not the person named."""
    person = getattr(record, f"{name}_id")
    if ctx.actor.user_id is None or ctx.actor.user_id != person:
        raise Forbidden(f"Only the {words} signs here: {name_of(person)}.")
    setattr(record, f"{name}_on", ctx.today if getattr(record, f"{name}_signed") else None)


def drop(record: Any, name: str) -> None:
    """Take a signature away."""
    setattr(record, f"{name}_signed", False)
    setattr(record, f"{name}_on", None)


def unsigned(record: Any, signers: Signers) -> list[str]:
    """Return the fields whose signature is missing."""
    return [name for name in signers if not getattr(record, f"{name}_signed")]


def people(record: Any, signers: Signers) -> dict[str, int | None]:
    """Return who is named, by field."""
    return {name: getattr(record, f"{name}_id") for name in signers}


def name_of(person: int | None) -> str:
    """Return the name of a person, or that nobody is named."""
    return User.objects.filter(pk=person).values_list("name", flat=True).first() or "nobody yet"
