"""Merging: everything that points at a record goes to the survivor, and taking it back puts every row where it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.apps import apps

from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, system
from tests.shared import shared
from tests.workspace.records.world import NAMES, World
from trackline.accounts.models import Account, BusinessUnit, Contact, Observation, TeamMember
from trackline.align.models import WhitespaceCell
from trackline.connectors.engine.identities import Identities
from trackline.documents.models import AccountPlan
from trackline.kit.history.models import Change
from trackline.kit.models import ExternalId
from trackline.kit.problems import Invalid, NotFound, Refused
from trackline.kit.records import services
from trackline.kit.records.bulk import undo_batch
from trackline.kit.records.merging import merge
from trackline.kit.records.pointing import pointing
from trackline.kit.records.queries import get, get_json, resolve
from trackline.kit.records.types import registry
from trackline.reveal.models import CustomerPriority
from trackline.track.models import Interaction

pytestmark = pytest.mark.django_db

ACCOUNT, CONTACT = registry.get("account"), registry.get("contact")
STAMPS = {"version", "updated_at", "updated_by_id"}
COMPUTED = {
    "kit.Change", "kit.Merge", "accounts.Score", "accounts.ScoreChange", "accounts.ScoreVersion", "accounts.PendingScore",
    "accounts.RefreshRun", "accounts.Recomputation",
}  # fmt: skip
"""Tables that go on: the ledger, and what is computed anew from the records."""
CARRIED = {"health", "completeness", "completeness_on"}


def rows() -> dict[tuple[str, Any], dict[str, Any]]:
    """Every row of every table that holds what people entered, deleted ones and links included."""
    found: dict[tuple[str, Any], dict[str, Any]] = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label in COMPUTED or not model.__module__.startswith("trackline"):
            continue
        for row in model._base_manager.values():
            kept = {name: value for name, value in row.items() if name not in STAMPS | CARRIED}
            found[model._meta.label, row[model._meta.pk.attname]] = kept
    return found


def points_at(model: Any, pk: int) -> list[str]:
    """Living rows that point at a record."""
    found = []
    for key in pointing(model):
        living = {"deleted_at__isnull": True} if hasattr(key.model, "deleted_at") else {}
        if key.model._base_manager.filter(**{key.attname: pk}, **living).exists():
            found.append(f"{key.model._meta.label}.{key.name}")
    return found


@pytest.fixture(scope="module")
def two(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Cast, Account, World]]:
    """Two accounts with one record of each type, and what stands in both."""

    def build() -> tuple[Cast, Account, World]:
        cast = make_cast()
        first = World(cast)
        for name in NAMES:
            first.get(name)
        other = make_account("Okada Brandt Mobility AG", owner=cast.owner, tier=1, arr=500, external_ids={"sap": "77"})
        second = World(replace(cast, account=other))
        wide = {name: made for name, made in first.made.items() if not registry.get(name.partition("/")[0]).account}
        second.made = {**wide, "account": other, "metric": first.made["metric"]}
        for name in NAMES:
            second.get(name)
        return cast, other, second

    with shared(django_db_blocker, build) as made:
        yield made


def test_a_merge_moves_everything_and_is_taken_back_bit_for_bit(two: tuple[Cast, Account, World]) -> None:
    cast, other, _world = two
    owner = as_user(cast.owner)
    before = rows()
    done = merge(owner, ACCOUNT, cast.account.pk, other.pk, take=["name"])
    gone = Account.objects.get(pk=other.pk)
    assert gone.deleted_at == NOW
    assert not points_at(Account, other.pk)
    assert done.survivor.name == "Okada Brandt Mobility AG"
    assert done.moved["goal"] == done.moved["route"] == 1
    kept = {one["type"] for one in done.left_out}
    assert {"team_member", "business_unit", "observation", "plan_section", "health_snapshot"} <= kept
    assert AccountPlan.objects.filter(account=cast.account, state="archived", deleted_at=None).count() == 1
    assert sorted(CustomerPriority.objects.filter(account=cast.account).values_list("rank", flat=True)) == [1, 2]
    # The history of what moved is read with the survivor, as one batch.
    assert not Change.objects.filter(account_id=other.pk).exclude(record_id=other.pk).exists()
    told = set(Change.objects.filter(batch=done.batch).values_list("record_type", flat=True))
    assert {"account", "goal", "contact", "interaction", "observation"} <= told
    assert Change.objects.get(batch=done.batch, record_type="goal").changes["account"] == [other.pk, cast.account.pk]
    # Taking back any of its changes takes back all.
    services.undo(owner, Change.objects.get(batch=done.batch, record_type="goal").pk)
    assert rows() == before
    assert Account.objects.get(pk=other.pk).version > gone.version
    with pytest.raises(Refused, match="taken back already"):
        undo_batch(owner, done.batch)
    undoing = Change.objects.filter(record_type="goal", note__startswith="Merge of").latest("pk")
    with pytest.raises(Refused, match="Merge the two again"):
        services.undo(owner, undoing.pk)


def test_contacts_become_one_with_their_links(two: tuple[Cast, Account, World]) -> None:
    cast, other, world = two
    owner = as_user(cast.owner)
    first, second = (
        world.get("contact"),
        make("contact", account=other, name="S. Keller", phone="+49 30 55", influence=5),
    )
    both = make("interaction", account=other, summary="Both came", contacts=[first.pk, second.pk])
    alone = make("interaction", account=other, summary="She came", contacts=[second.pk])
    make("relationship_line", contact=first, kind="supports", toward=second)
    below = make("contact", account=other, name="Below", reports_to=second)
    services.update(owner, CONTACT, first.pk, {"reports_to": second.pk})
    before = rows()
    done = merge(owner, CONTACT, first.pk, second.pk)
    survivor = Contact.objects.get(pk=first.pk)
    assert (survivor.phone, survivor.reports_to_id) == ("+49 30 55", None)
    assert not points_at(Contact, second.pk)
    assert [
        list(Interaction.objects.get(pk=pk).contacts.values_list("pk", flat=True)) for pk in (both.pk, alone.pk)
    ] == [
        [first.pk],
        [first.pk],
    ]
    assert Contact.objects.get(pk=below.pk).reports_to_id == first.pk
    assert any(one["type"] == "relationship_line" for one in done.left_out)
    links = Change.objects.get(batch=done.batch, record_type="interaction", record_id=alone.pk)
    assert links.changes == {"contacts": [[second.pk], [first.pk]]}
    services.restore(owner, CONTACT, second.pk)
    assert rows() == before


def test_old_ids_keys_and_ids_of_other_systems_lead_to_the_survivor(two: tuple[Cast, Account, World]) -> None:
    cast, other, _world = two
    owner = as_user(cast.owner)
    third = make_account("Okada", owner=cast.owner, external_ids={"sap": "78"})
    merge(owner, ACCOUNT, cast.account.pk, other.pk)
    merge(owner, ACCOUNT, third.pk, cast.account.pk)
    assert get(owner, ACCOUNT, other.pk).pk == third.pk
    assert resolve(owner, ACCOUNT, other.key) == third.pk
    assert get_json(owner, ACCOUNT, other.key)["id"] == str(third.pk)
    assert set(ExternalId.objects.filter(record_type="account", value="77").values_list("record_id", flat=True)) == {
        cast.account.pk
    }
    known = Identities(owner, ACCOUNT, "sap")
    assert (known.by_external("77"), known.by_external("78")) == (third.pk, third.pk)
    with pytest.raises(NotFound):
        get(as_user(cast.outsider), ACCOUNT, other.key)


def test_twins_below_the_two_go_into_one(two: tuple[Cast, Account, World]) -> None:
    cast, _other, world = two
    account, product = make_account("Nordwall"), world.get("product")
    again = make_account("Nordwall GmbH")
    units = [make("business_unit", account=one, name="Paint shop") for one in (account, again)]
    for unit in units:
        make("whitespace_cell", business_unit=unit, product=product, value=1)
    people = [make("contact", account=one, name="Ines", email="ines@nordwall.example") for one in (account, again)]
    same = [make("contact", account=one, name=name) for one, name in ((account, "Jo"), (again, "Johanna"))]
    services.update(system(), CONTACT, same[1].pk, {"same_as": same[0].pk})
    for one, value in ((account, 1), (again, 2)):
        make("observation", account=one, metric=world.get("metric"), value=value, on=date(2026, 9, 1))
        make("team_member", account=one, user=cast.owner, job_role="Lead")
    before = rows()
    done = merge(system(), ACCOUNT, account.pk, again.pk)
    living = {"account": account, "deleted_at": None}
    assert BusinessUnit.objects.filter(**living).count() == 1
    assert WhitespaceCell.objects.filter(business_unit=units[0], deleted_at=None).count() == 1
    assert set(Contact.objects.filter(**living).values_list("name", flat=True)) == {"Ines", "Jo"}
    assert Observation.objects.filter(**living).get().value == 1
    assert TeamMember.objects.filter(**living).count() == 1
    assert get(system(), CONTACT, people[1].pk).pk == people[0].pk
    undo_batch(system(), done.batch)
    assert rows() == before


def test_a_tree_stays_a_tree(two: tuple[Cast, Account, World]) -> None:
    top = make_account("Top")
    middle = make_account("Middle", parent=top)
    low = make_account("Low", parent=middle)
    below = make_account("Below", parent=low)
    before = rows()
    done = merge(system(), ACCOUNT, low.pk, top.pk)
    paths = dict(Account.objects.filter(pk__in=[middle.pk, low.pk, below.pk]).values_list("pk", "path"))
    assert paths == {
        low.pk: f"/{low.pk}/",
        middle.pk: f"/{low.pk}/{middle.pk}/",
        below.pk: f"/{low.pk}/{below.pk}/",
    }
    undo_batch(system(), done.batch)
    assert rows() == before


def test_what_stands_against_a_merge_or_its_way_back_is_named(two: tuple[Cast, Account, World]) -> None:
    cast, other, _world = two
    owner, hidden = as_user(cast.owner), make_account("Hidden", owner=cast.outsider)
    for ctx in (owner, as_user(cast.outsider)):
        with pytest.raises(NotFound):
            merge(ctx, ACCOUNT, cast.account.pk, hidden.pk)
    dollars = make_account("Dollars", owner=cast.owner, currency="USD")
    with pytest.raises(Refused, match="USD"):
        merge(owner, ACCOUNT, cast.account.pk, dollars.pk)
    with pytest.raises(Refused, match="different accounts"):
        merge(
            owner,
            CONTACT,
            make("contact", account=cast.account, name="A").pk,
            make("contact", account=other, name="B").pk,
        )
    with pytest.raises(Invalid, match="no such field"):
        merge(owner, ACCOUNT, cast.account.pk, other.pk, take=["health"])
    with pytest.raises(Refused, match="cannot be merged"):
        merge(owner, registry.get("goal"), 1, 2)
    person = Contact.objects.filter(account=other, deleted_at=None).latest("pk")
    done = merge(owner, ACCOUNT, cast.account.pk, other.pk, take=["name"])
    services.update(owner, ACCOUNT, cast.account.pk, {"name": "Another name"})
    with pytest.raises(Refused, match=r"Another name \(name\)"):
        undo_batch(owner, done.batch)
    services.update(owner, ACCOUNT, cast.account.pk, {"name": other.name})
    note = make("note", account=cast.account, title="Since then", contact=person)
    with pytest.raises(Refused, match="Note Since then"):
        undo_batch(owner, done.batch)
    services.delete(owner, registry.get("note"), note.pk)
    undo_batch(owner, done.batch)
    assert Account.objects.get(pk=other.pk).deleted_at is None
