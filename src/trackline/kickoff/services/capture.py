"""Capture: decisions and actions written down during the meeting, one line each."""

from __future__ import annotations

from typing import Any, Literal

from trackline.accounts.models import Contact, User
from trackline.kickoff.models import Meeting
from trackline.kickoff.rules import notes
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.kit.records.values import BadValue, parse_day


def capture(ctx: Context, pk: Any, kind: Literal["action", "decision"], line: str) -> Any:
    """Write down a decision or an action of a meeting. Returns the record.

    Raises `Invalid` where nothing is typed, or where the person named is not known or could be several.
    """
    meeting = get(ctx, registry.get("meeting"), pk)
    found = notes.read(line, people_of(meeting), ctx.today, _day)
    if not found.text:
        raise Invalid.fields({"line": "Write what is to be done, or what was decided."})
    if found.called and len(found.people) != 1:
        several = ", ".join(one.name for one in found.people[:4])
        said = f"@{found.called} could be {several}." if several else f"Nobody here is called {found.called}."
        raise Invalid.fields({"line": f"{said} Write more of the name, or leave it out."})
    owner = found.people[0] if found.people else None
    data: dict[str, Any] = {"account": meeting.account_id, "meeting": meeting.pk, "title": found.text[:250]}
    if found.due:
        data["due_on"] = found.due
    if kind == "decision":
        if owner and owner.side == "customer":
            raise Invalid.fields(
                {"line": "A decision has an owner among us; give the action to the customer's person."}
            )
        data["owner"] = owner.key if owner else None
    elif owner and owner.side == "customer":
        data |= {"side": "customer", "client_owner": owner.key, "owner": None}
    else:
        data["owner"] = owner.key if owner else None
    return records.create(ctx, registry.get(kind), data)


def people_of(meeting: Meeting) -> list[notes.Person]:
    """Return who can be named in a meeting: all of us, and the account's contacts, those invited first."""
    ours = User.objects.filter(active=True, deleted_at__isnull=True).values_list("pk", "name", "username")
    theirs = Contact.objects.filter(account_id=meeting.account_id, deleted_at__isnull=True).values_list("pk", "name")
    return [
        *(notes.person(pk, "us", name or username, username) for pk, name, username in ours),
        *(notes.person(pk, "customer", name) for pk, name in theirs),
    ]


def _day(text: str) -> Any:
    try:
        return parse_day(text)
    except BadValue as error:
        raise ValueError(text) from error
