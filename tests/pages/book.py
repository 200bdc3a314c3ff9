"""What the walks over all pages stand on: one record of each type around one account, and a browser for each person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.test import Client

from tests.factories import Cast, as_user, make, make_cast, system
from tests.workspace.records.world import NAMES, World
from trackline.accounts import services
from trackline.kit.history.models import Change
from trackline.kit.records import services as records
from trackline.kit.records.bulk import update_many
from trackline.kit.records.types import registry


@dataclass
class Book:
    """Records by their type, and those in `theirs` that belong to no account; people and their sessions."""

    cast: Cast
    names: Mapping[str, Any]
    sessions: dict[str, Client] = field(default_factory=dict)

    def client(self, person: str) -> Client:
        """Return a fresh browser of somebody: what a page does to the session ends with it."""
        client = Client()
        if person != "anonymous":
            client.cookies.update(self._session(person).cookies)
        return client

    def _session(self, person: str) -> Client:
        return self.sessions[person]


def make_book() -> Book:
    """Write the book: everything in it is seen by the team of the cast's account alone."""
    cast = make_cast()
    world = World(cast)
    made = {name: world.get(name) for name in NAMES}
    owner = as_user(cast.owner)
    gone = make("note", account=cast.account, title="Old budget")
    records.delete(owner, registry.get("note"), gone.pk)
    changed = records.update(owner, registry.get("goal"), made["goal"].pk, {"description": "Paint shop"})
    batch = update_many(owner, registry.get("account"), [cast.account.pk], {"industry": "Automotive"}).batch
    token, _text = services.create_token(owner, cast.owner, ["track:read"], name="Reports")
    services.set_exchange_rate(system(), "USD", date(2026, 9, 30), Decimal("0.9"))
    services.change_setting(as_user(cast.admin), "book.name", "Ours")
    theirs = SimpleNamespace(
        product=made["product"].pk,
        pipeline=made["pipeline"].pk,
        stage=made["stage"].pk,
        teammate=cast.teammate.pk,
        outsider=cast.outsider.pk,
        token=token.pk,
        view=services.save_view(owner, "account", "First tier", "tier=1").pk,
        role=services.create_role(system(), "Guest", ["track:read"]).code,
        field=services.define_custom_field(system(), "account", "Cost centre").pk,
        setting_change=Change.objects.filter(record_type="setting").latest("pk").pk,
    )
    names = made | {"gone": gone, "change": changed.last_change, "batch": SimpleNamespace(id=batch), "theirs": theirs}
    book = Book(cast, names)
    for person, user in cast.everyone().items():
        book.sessions[person] = Client()
        book.sessions[person].force_login(user)
    return book
