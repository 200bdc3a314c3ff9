"""Three people sign a version of the scoring model before it ranks the book."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.delivery.api.client import Api, problem
from tests.factories import as_user, make_account, make_cast, make_model, system
from trackline.accounts.models import User
from trackline.accounts.services import change_setting
from trackline.book.editing import save_model, versions
from trackline.book.models import ScoringModel, ScoringRun
from trackline.book.scoring.keeping import refresh_ranking
from trackline.book.scoring.signatures import SIDES, sign, unsign, waits_for
from trackline.book.versions import model_in_force
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Invalid, Refused
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
MODEL = registry.get("scoring_model")


def criteria(direction: str) -> list[dict[str, Any]]:
    """One criterion."""
    feeds = [{"kind": "field", "name": "arr"}]
    return [{"key": "arr", "label": "Revenue", "weight": 100, "direction": direction, "feeds": feeds}]


class Book:
    """A book ranked by a model that is signed, and a version that waits for three people."""

    def __init__(self) -> None:
        self.cast = make_cast()
        self.now = timezone.now()
        self.today = timezone.localdate()
        ScoringModel.objects.all().delete()
        self.first = make_model(name="First", from_on=None, criteria=criteria("up"))
        for name, arr in (("Anker", 900), ("Birke", 500)):
            make_account(name, arr=arr, owner=self.cast.owner)
        refresh_ranking(system(self.now), self.today)
        self.people = {
            "finance": self.cast.owner, "strategy": self.cast.teammate, "customer_facing": self.cast.outsider,
        }  # fmt: skip
        self.admin = as_user(self.cast.admin, self.now)

    def saved(self, **more: Any) -> ScoringModel:
        """Save the version that turns the ranking round; `more` are its fields."""
        named = {side: str(person.pk) for side, person in self.people.items()} | more.pop("signers", {})
        asked = {"name": "Second", "criteria": criteria("down")} | more
        return save_model(self.admin, asked, reason="Small ones grow", signers=named)

    def of(self, side: str, days: int = 0) -> Context:
        """Whoever is named for a side, so many days on."""
        return as_user(self.people[side], self.now + timedelta(days=days))


@pytest.fixture
def book() -> Book:
    """The book."""
    return Book()


def test_a_version_ranks_once_three_people_have_signed(book: Book) -> None:
    made = book.saved()
    assert waits_for(made) == ["finance", "strategy", "customer_facing"]
    assert dict(versions(book.admin))[made] == "unsigned"
    for side in ("finance", "strategy"):
        signed = sign(book.of(side), made.pk)
        assert getattr(signed, f"{side}_on") == book.today and signed.signed_on is None
        assert model_in_force(book.today) == book.first
    assert waits_for(signed) == ["customer_facing"]
    assert ScoringRun.objects.get(on=book.today).model == book.first
    done = sign(book.of("customer_facing"), made.pk, "customer_facing")
    assert done.signed_on == book.today and waits_for(done) == []
    assert model_in_force(book.today) == made == ScoringRun.objects.get(on=book.today).model
    assert model_in_force(book.today - timedelta(days=1)) == book.first, "what was in force stays so for its days"
    last = Change.objects.filter(record_type="scoring_model", record_id=made.pk).latest("pk")
    assert last.actor == book.people["customer_facing"]
    assert set(last.changes) == {"customer_facing_signed", "customer_facing_on", "signed_on"}


def test_it_begins_on_the_later_of_both_days(book: Book) -> None:
    late, early = book.saved(), book.saved(name="Third", from_on=(book.today + timedelta(days=3)).isoformat())
    for side in SIDES:
        sign(book.of(side), early.pk)
    assert model_in_force(book.today + timedelta(days=2)) == book.first
    assert model_in_force(book.today + timedelta(days=3)) == early
    assert {row.name: state for row, state in versions(book.admin)} == {
        "First": "in_force", "Second": "unsigned", "Third": "to_come",
    }  # fmt: skip
    for side in SIDES:
        sign(book.of(side, 5), late.pk)
    assert model_in_force(book.today + timedelta(days=4)) == early
    assert model_in_force(book.today + timedelta(days=5)) == late, "meant for earlier, but signed later"


def test_only_the_person_named_signs_and_once(book: Book) -> None:
    made = book.saved()
    with pytest.raises(Forbidden, match="not named to sign Second: Katrin for finance, Tim for strategy, Olga for"):
        sign(book.admin, made.pk)
    with pytest.raises(Forbidden, match="Only the person named for finance signs here: Katrin"):
        sign(book.of("strategy"), made.pk, "finance")
    with pytest.raises(Forbidden, match="Only the person named for finance signs here"):
        services.update(book.admin, MODEL, made.pk, {"finance_signed": True})
    with pytest.raises(Forbidden):
        services.update(system(), MODEL, made.pk, {"finance_signed": True})
    with pytest.raises(Invalid, match="One of finance, strategy"):
        sign(book.of("finance"), made.pk, "board")
    with pytest.raises(Refused, match="You have not signed"):
        unsign(book.of("finance"), made.pk)
    sign(book.of("finance"), made.pk)
    with pytest.raises(Refused, match="You have signed Second for finance already"):
        sign(book.of("finance"), made.pk)
    assert unsign(book.of("finance"), made.pk).finance_on is None
    for side in SIDES:
        sign(book.of(side), made.pk)
    with pytest.raises(Refused, match="is signed since"):
        sign(book.of("finance"), made.pk)
    with pytest.raises(Refused, match="its signatures stay"):
        unsign(book.of("finance"), made.pk)
    with pytest.raises(Refused, match="has scored accounts"):
        services.update(book.admin, MODEL, made.pk, {"strategy": book.cast.admin.pk})


def test_nothing_is_signed_before_it_is_saved(book: Book) -> None:
    with pytest.raises(Invalid, match="saved first, then signed"):
        services.create(
            book.of("finance") if book.of("finance").actor.may("track:admin") else book.admin,
            MODEL,
            {"name": "Second", "criteria": criteria("down"), "finance": book.cast.admin.pk, "finance_signed": True},
        )


@pytest.mark.parametrize(
    ("least", "named", "fits"),
    [
        (3, "abc", True),
        (3, "aba", False),
        (3, "a--", True),
        (3, "aa-", False),
        (2, "aba", True),
        (2, "aa-", True),
        (2, "aaa", False),
        (1, "aaa", True),
        (0, "aaa", True),
    ],
)
def test_so_many_different_people_sign(book: Book, least: int, named: str, fits: bool) -> None:
    change_setting(system(), "scoring.signers", least)
    known = {"a": book.cast.owner, "b": book.cast.teammate, "c": book.cast.outsider}
    signers = {side: str(known[who].pk) if who in known else "" for side, who in zip(SIDES, named, strict=True)}
    if not fits:
        with pytest.raises(Invalid, match="different people sign"):
            book.saved(signers=signers)
        return
    made = book.saved(signers=signers)
    if least == 0:
        assert made.signed_on == book.today == ScoringRun.objects.get().on and model_in_force(book.today) == made
    elif "-" not in named:
        for who in dict.fromkeys(named):
            made = sign(as_user(known[who], book.now), made.pk)
        assert made.signed_on == book.today


def test_more_people_asked_later_are_asked_before_it_counts(book: Book) -> None:
    change_setting(system(), "scoring.signers", 2)
    book.people["customer_facing"] = book.cast.owner
    made = book.saved()
    change_setting(system(), "scoring.signers", 3)
    for side in ("finance", "strategy"):
        made = sign(book.of(side), made.pk)
    assert made.signed_on is None and waits_for(made) == []
    made = services.update(book.admin, MODEL, made.pk, {"customer_facing": book.cast.outsider.pk})
    assert waits_for(made) == ["customer_facing"] and (made.finance_on, made.customer_facing_on) == (book.today, None)


@pytest.mark.parametrize(
    "change",
    [{"normaliser": "zcdf"}, {"cutoffs": "book"}, {"criteria": criteria("up")}],
    ids=lambda one: next(iter(one)),
)
def test_signatures_fall_with_what_was_signed(book: Book, change: dict[str, Any]) -> None:
    made = book.saved()
    sign(book.of("finance"), made.pk)
    sign(book.of("strategy"), made.pk)
    kept = services.update(
        book.admin, MODEL, made.pk, {"note": "Agreed in May", "name": "Other", "from_on": book.today}
    )
    assert kept.finance_signed and kept.strategy_signed
    moved = services.update(book.admin, MODEL, made.pk, change)
    assert waits_for(moved) == list(SIDES) and (moved.finance_on, moved.strategy_on) == (None, None)
    back = services.undo(book.admin, moved.last_change.pk)
    assert back.finance_signed and back.strategy_on == book.today, "undone, it is what they signed"


def test_who_signs_may_change_and_one_signature_falls(book: Book) -> None:
    made = book.saved()
    sign(book.of("finance"), made.pk)
    sign(book.of("strategy"), made.pk)
    moved = services.update(book.admin, MODEL, made.pk, {"finance": book.cast.admin.pk})
    assert waits_for(moved) == ["finance", "customer_facing"] and moved.strategy_signed
    with pytest.raises(Invalid, match="named twice"):
        services.update(book.admin, MODEL, made.pk, {"customer_facing": book.cast.admin.pk})


def test_one_signed_model_stays(book: Book) -> None:
    ScoringRun.objects.all().delete()
    with pytest.raises(Refused, match="only scoring model that is signed"):
        services.update(book.admin, MODEL, book.first.pk, {"normaliser": "zcdf"})
    made = book.saved()
    with pytest.raises(Refused, match="only scoring model that is signed"):
        services.delete(book.admin, MODEL, book.first.pk)
    services.delete(book.admin, MODEL, made.pk)
    assert model_in_force(book.today) == book.first


def test_the_next_version_names_the_same_people(book: Book) -> None:
    book.saved()
    made = services.create(book.admin, MODEL, {"name": "Third"})
    assert [getattr(made, side) for side in SIDES] == list(book.people.values())
    User.objects.filter(pk=book.cast.teammate.pk).update(active=False)
    assert services.create(book.admin, MODEL, {"name": "Fourth"}).strategy is None, "who has left signs nothing"


def test_over_the_api(book: Book) -> None:
    made = Api(book.cast.admin).made(
        "/scoring-models", {"name": "Second", "criteria": criteria("down"), **{side: one.username for side, one in book.people.items()}}
    )  # fmt: skip
    path = f"/scoring-models/{made['id']}"
    assert made["signed_on"] is None and made["finance_signed"] is False
    problem(Api(book.cast.facilitator).post(f"{path}/sign", {}), 403)
    problem(Api(book.cast.admin).post(f"{path}/sign", {}), 403)
    problem(Api(book.cast.admin).post("/scoring-models/999999/sign", {}), 404)
    owner = Api(book.cast.owner)
    assert problem(owner.post(f"{path}/sign", {"side": "board"}), 422)["errors"][0]["loc"] == ["side"]
    assert problem(owner.post(f"{path}/sign", {"side": 3}), 422)["errors"][0]["loc"] == ["side"]
    assert problem(owner.post(f"{path}/sign", {"seal": "red"}), 422)["errors"][0]["loc"] == ["seal"]
    told = owner.post(f"{path}/sign", {"side": "finance"})
    assert told.status_code == 200 and told.json()["finance_on"] == book.today.isoformat() and told.headers["ETag"]
    problem(owner.post(f"{path}/sign", {}), 409)
    assert owner.post(f"{path}/unsign", {}).json()["finance_signed"] is False
    problem(owner.post(f"{path}/unsign", {}), 409)
    problem(owner.patch(path, {"finance_signed": True}), 403)
    for person in book.people.values():
        told = Api(person).post(f"{path}/sign", {})
    assert told.json()["signed_on"] == book.today.isoformat()
    assert ScoringRun.objects.get(on=book.today).model_id == int(made["id"])


def test_who_only_reads_signs_where_named(book: Book) -> None:
    reader = book.cast.facilitator
    made = book.saved(signers={"strategy": str(reader.pk)})
    url = f"/book/model/{made.pk}/sign"
    assert url in browser(reader).get("/book/model").content.decode()
    assert browser(reader).post(url, {"strategy_signed": "true"}, headers=HTMX).status_code == 204
    narrowed = as_user(book.cast.owner, book.now)
    narrowed = replace(narrowed, actor=replace(narrowed.actor, permissions=frozenset({"track:read"}), narrowed=True))
    with pytest.raises(Forbidden, match="track:write"):
        sign(narrowed, made.pk)


def browser(user: User) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


def test_on_the_page(book: Book) -> None:
    made = book.saved()
    url = f"/book/model/{made.pk}/sign"
    owner = browser(book.cast.owner)
    page = owner.get("/book/model").content.decode()
    assert "waits for signatures: finance, strategy, the customer-facing side" in page
    assert page.count(f'hx-post="{url}"') == 1 and "Change who signs" not in page
    assert "Change who signs" in browser(book.cast.admin).get("/book/model").content.decode()
    assert url not in browser(book.cast.facilitator).get("/book/model").content.decode()
    assert browser(book.cast.facilitator).post(url, {"finance_signed": "true"}, headers=HTMX).status_code == 403
    assert browser(book.cast.admin).post(url, {"finance_signed": "true"}, headers=HTMX).status_code == 403
    said = owner.post(url, {"finance_signed": "true"}, headers=HTMX)
    assert (
        said.status_code == 204
        and "it waits for signatures: strategy, the customer-facing" in said.headers["HX-Trigger"]
    )
    assert owner.post(url, {"finance_signed": "true"}, headers=HTMX).status_code == 409
    assert "Take it back" in owner.get("/book/model").content.decode()
    assert owner.post(url, {"finance_signed": "false"}, headers=HTMX).status_code == 204
    for side, person in book.people.items():
        assert browser(person).post(url, {f"{side}_signed": "true"}, headers=HTMX).status_code == 204
    page = owner.get("/book/model").content.decode()
    assert "by Katrin, Tim, Olga" in page and "waits for" not in page and "hx-confirm" not in page


def test_the_last_signature_asks_first(book: Book) -> None:
    made = book.saved()
    sign(book.of("finance"), made.pk)
    sign(book.of("strategy"), made.pk)
    assert "ranks the book from today on" in browser(book.cast.outsider).get("/book/model").content.decode()


def test_models_that_stand_are_signed_by_the_update() -> None:
    ScoringModel.objects.all().delete()
    now, today = timezone.now(), timezone.localdate()
    days = (None, today - timedelta(days=400), today + timedelta(days=40))
    for day in days:
        ScoringModel.objects.create(name=str(day), from_on=day, created_at=now, updated_at=now)
    importlib.import_module("trackline.book.migrations.0012_scoring_models_that_stand").sign_what_stands(
        apps, SimpleNamespace(connection=connection)
    )
    in_force = [
        found.name if (found := model_in_force(today + timedelta(days=shift))) else ""
        for shift in (-1000, -400, 0, 39, 40)
    ]
    assert in_force == [str(days[at]) for at in (0, 1, 1, 1, 2)]
