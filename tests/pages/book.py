"""What the walks over all pages stand on: one record of each type around one account, and a browser for each person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.test import Client

from tests.documents.decks.corporate import corporate
from tests.factories import NOW, Cast, as_user, make, make_cast, system
from tests.workspace.records.world import NAMES, World
from trackline.accounts import services
from trackline.book.models import DataSteward
from trackline.book.scoring.keeping import refresh_ranking
from trackline.connectors import sessions, storage
from trackline.documents.deck_templates.files import take_in
from trackline.documents.models import PlanVersion
from trackline.documents.plans.catalogue import titles
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.bulk import update_many
from trackline.kit.records.types import registry

UPLOADED = "Account Name,Industry,Employees\nParts depot,Energy,5\nParts yard,Energy,many\n"
"""An export of which one row is rejected."""


@dataclass
class Book:
    """Records by their type, and those in `theirs` that belong to no account; people and their sessions."""

    world: World
    names: Mapping[str, Any]
    sessions: dict[str, Client] = field(default_factory=dict)
    files: dict[Path, bytes] = field(default_factory=dict)

    def keep_files(self) -> None:
        """Remember the files of imports: no transaction takes them back."""
        self.files = {path: path.read_bytes() for path in storage.path_of("").rglob("*") if path.is_file()}

    def put_files_back(self) -> None:
        """Undo what a request did to the files of imports."""
        for path, content in self.files.items():
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    @property
    def cast(self) -> Cast:
        """The people and their account."""
        return self.world.cast

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
    world.made["action"] = world.make("action", due_on=NOW.date() + timedelta(days=3))
    world.made["kpi"] = world.make("kpi", agreed_with_customer=True)  # only such ones stand on a shared page
    made = {name: world.get(name) for name in NAMES}
    owner = as_user(cast.owner)
    gone = make("note", account=cast.account, title="Old budget")
    records.delete(owner, registry.get("note"), gone.pk)
    changed = records.update(owner, registry.get("goal"), made["goal"].pk, {"description": "Paint shop"})
    batch = update_many(owner, registry.get("account"), [cast.account.pk], {"industry": "Automotive"}).batch
    token, _text = services.create_token(owner, cast.owner, ["track:read"], name="Reports")
    services.set_exchange_rate(system(), "USD", date(2026, 9, 30), Decimal("0.9"))
    services.change_setting(as_user(cast.admin), "book.name", "Ours")
    twin = make("account", name="Okada Brandt Mobility AG", owner=cast.owner)
    make("team_member", account=twin, user=cast.teammate, job_role="Account manager")
    theirs = SimpleNamespace(
        product=made["product"].pk,
        pipeline=made["pipeline"].pk,
        stage=made["stage"].pk,
        teammate=cast.teammate.pk,
        outsider=cast.outsider.pk,
        token=token.pk,
        dashboard=made["dashboard"].pk,
        survey_round=made["survey_round"].pk,
        scoring_model=made["scoring_model"].pk,
        scoring_scenario=made["scoring_scenario"].pk,
        twin=twin.pk,
        private=make("dashboard", ctx=owner, name="My desk").pk,
        view=services.save_view(owner, "account", "First tier", "tier=1").pk,
        role=services.create_role(system(), "Guest", ["track:read"]).code,
        field=services.define_custom_field(system(), "account", "Cost centre").pk,
        setting_change=Change.objects.filter(record_type="setting").latest("pk").pk,
    )
    deck_file = take_in(as_user(cast.admin), "corporate.pptx", corporate()).pk
    records.update(as_user(cast.admin), registry.get("deck_template"), made["deck_template"].pk, {"file": deck_file})
    theirs.deck_file = deck_file
    names = made | {"gone": gone, "change": changed.last_change, "batch": SimpleNamespace(id=batch), "theirs": theirs}
    book = Book(world, names)
    theirs.imported, theirs.planned = _imports(owner)
    book.keep_files()
    refresh_ranking(system(), NOW.date())
    for person, user in cast.everyone().items():
        book.sessions[person] = Client()
        book.sessions[person].force_login(user)
    return book


def _imports(ctx: Context) -> tuple[int, int]:
    """Import a file, and look at another one; return the numbers of both."""
    runs = []
    for _ in range(2):
        upload = sessions.Upload("parts.csv", len(UPLOADED), [UPLOADED.encode()])
        runs.append(sessions.upload(ctx, [upload], source="auto", saved_map=""))
    sessions.Session(runs[0]).import_now(ctx)
    sessions.Session(runs[1]).check(ctx)
    return runs[0].pk, runs[1].pk


def grow(book: Book, start: int, stop: int) -> None:
    """Add records of each type until there are `stop` of them, all linked to one another."""
    for number in range(start, stop):
        for name in NAMES:
            more = OTHERWISE.get(name)
            book.world.make(name, **(more(book, number) if more else {}))
        _more_settings(book, number)
    for name in NAMES:
        rtype = registry.get(name)
        many = {field: spec.target for field, spec in rtype.specs.items() if spec.many and spec.target}
        if many:
            links = {field: list(_alive(str(target))) for field, target in many.items()}
            for pk in _alive(name):
                records.update(system(), rtype, pk, links)
    refresh_ranking(system(), NOW.date())


def _alive(name: str) -> Any:
    return registry.get(name).model.objects.alive().values_list("pk", flat=True)  # type: ignore[attr-defined]


def _more_settings(book: Book, number: int) -> None:
    """What settings list beside records."""
    owner = as_user(book.cast.owner)
    services.create_token(owner, book.cast.owner, ["track:read"], name=f"Token {number}")
    services.save_view(owner, "account", f"View {number}", f"tier={number}")
    services.create_role(system(), f"Role {number}", ["track:read"])
    services.define_custom_field(system(), "account", f"Field {number}")
    services.set_exchange_rate(system(), "USD", date(2026, 9 - number, 28), Decimal("0.9"))
    services.set_exchange_rate(system(), f"XA{'ABCDEFGH'[number]}", date(2026, 9, 30), Decimal("0.9"))
    services.change_setting(as_user(book.cast.admin), "book.name", f"Book {number}")


def _on(_book: Book, number: int) -> dict[str, Any]:
    return {"on": date(2026, 10, 1) + timedelta(days=number)}


def _keyed(_book: Book, number: int) -> dict[str, Any]:
    return {"key": f"key_{number}", "name": f"Name {number}"}


def _named(_book: Book, number: int) -> dict[str, Any]:
    return {"name": f"Name {number}"}


OTHERWISE: dict[str, Callable[[Book, int], dict[str, Any]]] = {
    "user": lambda _book, n: {"username": f"user-{n}", "name": f"User {n}"},
    "account": lambda book, n: {
        "name": f"Part {n}",
        "parent": book.cast.account,
        "owner": book.cast.owner,
        "arr": 100_000,
    },
    "business_unit": _named,
    "data_steward": lambda _book, n: {"domain": DataSteward.Domain.values[n]},
    "booking_target": lambda _book, n: {"from_on": date(2027 + n, 1, 1)},
    "stand_up_entry": lambda _book, n: {"week_on": date(2026, 1, 5) + timedelta(weeks=n)},
    "tier_decision": lambda book, n: {"account": make("account", name=f"Decides {n}", tier=1, owner=book.cast.owner)},
    "tier_override": lambda book, n: {"account": make("account", name=f"Overrides {n}", tier=1, owner=book.cast.owner)},
    "plan_section": lambda _book, n: {"section": titles()[n][0]},
    "account_plan": lambda book, n: {"account": make("account", name=f"Plans {n}", owner=book.cast.owner)},
    "plan_sign_off": lambda _book, _n: {"plan_version": PlanVersion.objects.latest("number")},
    "whitespace_cell": lambda _book, n: {"product": make("product", name=f"Sold {n}")},
    "contact": lambda _book, n: {"name": f"Contact {n}", "email": f"contact-{n}@okada.example"},
    "relationship_line": lambda book, n: {"toward": make("contact", account=book.cast.account, name=f"Moved {n}")},
    "team_member": lambda _book, n: {"user": make("user", username=f"mate-{n}", name=f"Mate {n}")},
    "metric": _keyed,
    "kpi": lambda _book, n: {"name": f"Name {n}", "agreed_with_customer": True},
    "observation": _on,
    "health_snapshot": _on,
    "journey_dimension": _keyed,
    "journey_score": _on,
    "pain_point_vote": lambda book, n: {"contact": make("contact", account=book.cast.account, name=f"Voter {n}")},
    "checklist_answer": lambda book, n: {"account": make("account", name=f"Answers {n}", owner=book.cast.owner)},
    "competitor": _named,
    "competitive_position": lambda book, n: {"account": make("account", name=f"Chooses {n}", owner=book.cast.owner)},
    "customer_priority": lambda _book, n: {"fiscal_year": 2026 + n},
    "goal": lambda _book, n: {} if n < 4 else {"status": "achieved"},  # five may be active
    "product": _named,
    "pipeline": _keyed,
    "stage": _keyed,
    "deck_template": lambda _book, n: {"title": f"Slides {n}"},
    "review_deck": lambda book, n: {
        "meeting": make("meeting", account=book.cast.account, title=f"Review {n}", at=NOW + timedelta(days=30 + n))
    },
    "agenda": lambda _book, n: {"key": f"key_{n}", "title": f"Agenda {n}"},
    "playbook": lambda _book, n: {"key": f"key_{n}", "title": f"Playbook {n}"},
    "execution_metric": _named,
    "execution_reading": lambda _book, n: {"period_start": date(2025, n, 1)},
    "sponsorship": lambda book, n: {"contact": make("contact", account=book.cast.account, name=f"Executive {n}")},
    "alert": lambda _book, n: {"dedupe_key": f"alert-{n}"},
    "scorecard": _named,
    "scorecard_line": lambda _book, n: {"metric": make("metric", key=f"carded_{n}", name=f"Carded {n}")},
    "scorecard_breach": lambda _book, n: {"state": "over"},
}
"""What tells the next record of a type from those there are."""
