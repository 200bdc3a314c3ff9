"""A champion who leaves opens what must be done; one who did not leave after all takes it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import Cast, make, make_cast, system
from trackline.kickoff.models import Action
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

WEB = replace(system(), via="web")


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast around one account."""
    return make_cast()


def leave(contact: Any, ctx: Context = WEB, status: str = "departed") -> Any:
    """Say that a contact has left."""
    return records.update(ctx, registry.get("contact"), contact.pk, {"status": status})


def open_actions() -> dict[str, tuple[int, int | None]]:
    """Days until each open action is due, and its owner."""
    rows = Action.objects.filter(deleted_at__isnull=True, status="open")
    return {one.title: ((one.due_on - WEB.today).days, one.owner_id) for one in rows if one.due_on}


@pytest.mark.parametrize("held", [{"buying_role": "champion"}, {"is_exec_sponsor": True}])
def test_a_loss_opens_three_actions(cast: Cast, held: dict[str, Any]) -> None:
    leave(make("contact", account=cast.account, name="Sabine Keller", owner=cast.teammate, **held))
    assert open_actions() == {
        "Reach the successor of Sabine Keller": (7, cast.teammate.pk),
        "Brief a backup for Sabine Keller": (7, cast.teammate.pk),
        "Refresh the stakeholder map after Sabine Keller": (0, cast.teammate.pk),
    }


def test_it_is_the_owner_of_the_account_where_the_contact_has_none(cast: Cast) -> None:
    leave(make("contact", account=cast.account, name="Sabine Keller", buying_role="champion"), status="moved")
    assert {owner for _, owner in open_actions().values()} == {cast.owner.pk}


def test_who_backs_nobody_and_what_is_imported_open_nothing(cast: Cast) -> None:
    leave(make("contact", account=cast.account, name="Jonas Weber", buying_role="user_influencer"))
    sponsor = make("contact", account=cast.account, name="Sabine Keller", is_exec_sponsor=True)
    leave(sponsor, replace(WEB, via="import"))
    make("contact", account=cast.account, name="Long gone", buying_role="champion", status="departed")
    assert open_actions() == {}


def test_who_is_there_still_takes_back_what_nobody_touched(cast: Cast) -> None:
    contact = make("contact", account=cast.account, name="Sabine Keller", buying_role="champion")
    change = leave(contact).last_change
    begun = Action.objects.get(title="Brief a backup for Sabine Keller")
    records.update(WEB, registry.get("action"), begun.pk, {"due_on": WEB.today + timedelta(days=3)})
    records.undo(WEB, change.pk)
    assert list(open_actions()) == ["Brief a backup for Sabine Keller"]
    leave(contact)
    assert len(open_actions()) == 3
