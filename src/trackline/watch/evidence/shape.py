"""What evidence of an alert looks like: the same from a signal, a program, or a person."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from trackline.kit.problems import Invalid

Word = Annotated[str, Strict(), Field(max_length=500)]
Id = Annotated[int, Strict(), Field(ge=1)] | Annotated[str, Strict(), Field(pattern=r"^\d{1,18}$")]

EXPECTED = {
    "extra_forbidden": "Evidence has no such part. What was measured belongs into inputs or details.",
    "missing": "This is needed.",
    "string_type": "A text is expected.",
    "string_too_long": "At most 500 characters are kept.",
    "dict_type": "An object is expected.",
    "list_type": "A list is expected.",
    "too_long": "The list is too long.",
    "model_type": "An object is expected.",
}


class Source(BaseModel):
    """A record behind an alert: which, what it was called, of which day, and how old that was."""

    model_config = ConfigDict(extra="forbid")

    record_type: Word
    record_id: Id
    label: Word = ""
    on: date | None = None
    age_days: Annotated[int, Strict()] | None = None


class Evidence(BaseModel):
    """What an alert rests on.

    `signal` names who saw it, `inputs` what was seen, `sources` the records behind it, `details` and `version` what the
    rule found and by which figures, `owner_role` why its owner owns it, `occurrences` what was told in it before.
    """

    model_config = ConfigDict(extra="forbid")

    signal: Word = ""
    inputs: dict[str, Any] = {}
    sources: list[Source] = Field([], max_length=200)
    details: dict[str, Any] = {}
    version: Word = ""
    owner_role: Word = ""
    occurrences: list[Word] = Field([], max_length=200)


def check_evidence(given: Any) -> None:
    """Raise `Invalid` for evidence of another shape; each error names the part that is wrong."""
    try:
        Evidence.model_validate(given)
    except ValidationError as refused:
        errors: dict[tuple[str, ...], str] = {}
        for error in refused.errors(include_url=False, include_input=False):
            told = EXPECTED.get(error["type"], f"{error['msg']}.")
            place = tuple(str(part) for part in error["loc"])
            if "record_id" in place:
                # Both forms of an id are one place for whoever reads the message.
                place = place[: place.index("record_id") + 1]
            errors[place] = "An id is expected." if "record_id" in place else told
        listed = [{"loc": ["evidence", *place], "msg": told} for place, told in errors.items()]
        detail = "; ".join(f"{'.'.join(one['loc'])}: {one['msg']}" for one in listed)
        raise Invalid(detail, listed) from refused
