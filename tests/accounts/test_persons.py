"""One person in several accounts: a role in each, what follows from one entry to the others, and who sees what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import Cast, as_user, make, make_account, make_cast, system
from trackline.accounts.models import Contact
from trackline.accounts.services.persons import entries_of
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.queries import get_json, to_json
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

CONTACT = "contact"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def here(cast: Cast, **more: Any) -> Contact:
    found: Contact = make(
        CONTACT, account=cast.account, name="Sabine Keller", email="keller@okada.example", title="Group CIO",
        buying_role="economic_buyer", **more,
    )  # fmt: skip
    return found


def change(one: Contact, ctx: Any = None, **values: Any) -> Any:
    return services.update(ctx or system(), registry.get(CONTACT), one.pk, values)


def test_a_further_entry_takes_the_person_over_and_has_a_role_of_its_own(cast: Cast) -> None:
    first = here(cast)
    there = make_account("Brandt Guss")
    second = make(CONTACT, account=there, same_as=first, buying_role="champion", title="Chair of the board")
    assert (second.name, second.email, second.title) == ("Sabine Keller", "keller@okada.example", "Chair of the board")
    assert (second.buying_role, first.buying_role) == ("champion", "economic_buyer")
    [part] = to_json(system(), registry.get(CONTACT), first)["also_in"]
    assert part == {
        "contact": str(second.pk), "account": str(there.pk), "account_key": "brandt-guss", "account_name": "Brandt Guss",
        "buying_role": "champion", "status": "active",
    }  # fmt: skip
    [back] = to_json(system(), registry.get(CONTACT), second)["also_in"]
    assert back["contact"] == str(first.pk)


def test_entries_hang_together_whichever_way_they_point(cast: Cast) -> None:
    first = here(cast)
    second = make(CONTACT, account=make_account("B"), same_as=first)
    third = make(CONTACT, account=make_account("C"), same_as=second)
    alone = make(CONTACT, account=cast.account, name="Somebody else")
    everyone = frozenset({first.pk, second.pk, third.pk})
    assert entries_of([first.pk, third.pk, alone.pk]) == {
        first.pk: everyone, third.pk: everyone, alone.pk: frozenset({alone.pk}),
    }  # fmt: skip
    services.delete(system(), registry.get(CONTACT), second.pk)
    assert [one["contact"] for one in to_json(system(), registry.get(CONTACT), third)["also_in"]] == [str(first.pk)]


def test_a_person_stands_once_in_an_account_and_never_in_a_circle(cast: Cast) -> None:
    first = here(cast)
    second = make(CONTACT, account=make_account("B"), same_as=first)
    with pytest.raises(Invalid, match="in one account twice"):
        make(CONTACT, account=cast.account, same_as=second)
    with pytest.raises(Invalid, match="in one account twice"):
        make(CONTACT, account=cast.account, name="Sabine K.", same_as=first)
    with pytest.raises(Invalid, match="known as one person already"):
        change(first, same_as=second.pk)
    # Two people who both stand in one account cannot turn out to be one.
    other = make(CONTACT, account=cast.account, name="S. Keller")
    with pytest.raises(Invalid, match="in one account twice"):
        change(other, same_as=second.pk)


def test_what_belongs_to_the_person_follows_where_it_was_the_same(cast: Cast) -> None:
    first = here(cast, phone="+49 711 1")
    same = make(CONTACT, account=make_account("B"), same_as=first)
    apart = make(CONTACT, account=make_account("C"), same_as=first, email="keller@brandt.example")
    change(first, name="Sabine Keller-Roth", email="roth@okada.example", sentiment="advocate")
    same.refresh_from_db()
    apart.refresh_from_db()
    assert (same.name, same.email, same.sentiment) == ("Sabine Keller-Roth", "roth@okada.example", "neutral")
    assert (apart.name, apart.email) == ("Sabine Keller-Roth", "keller@brandt.example")
    changed = change(same, phone="+49 711 2").last_change
    first.refresh_from_db()
    assert first.phone == "+49 711 2"
    services.undo(system(), changed.pk)
    first.refresh_from_db()
    assert first.phone == "+49 711 1"


def test_who_sees_one_account_alone_sees_and_changes_nothing_of_the_other(cast: Cast) -> None:
    first = here(cast)
    hidden = make_account("Aardvark")
    second = make(CONTACT, account=hidden, same_as=first)
    ctx, rtype = as_user(cast.owner), registry.get(CONTACT)
    assert get_json(ctx, rtype, str(first.pk))["also_in"] == []
    change(first, ctx, email="new@okada.example")
    second.refresh_from_db()
    assert second.email == "keller@okada.example"
    with pytest.raises(Invalid, match=f"There is no contact {second.pk}"):
        make(CONTACT, ctx=ctx, account=make_account("Mine", owner=cast.owner), name="X", same_as=second)


def test_a_reference_out_of_sight_is_null_and_stays(cast: Cast) -> None:
    far = make(CONTACT, account=make_account("Aardvark"), name="Sabine Keller")
    near = make(CONTACT, account=cast.account, same_as=far)
    ctx, rtype = as_user(cast.owner), registry.get(CONTACT)
    shown = get_json(ctx, rtype, str(near.pk))
    assert (shown["same_as"], shown["also_in"]) == (None, [])
    change(near, ctx, same_as=None, title="CIO")
    near.refresh_from_db()
    assert (near.same_as, near.title) == (far, "CIO")
    assert get_json(as_user(cast.admin), rtype, str(near.pk))["same_as"] == str(far.pk)
