"""Every page of the sample book, on a desk and on a phone, light and dark: axe finds nothing, nothing scrolls sideways.

The pages are those of the table of rights, so a new one is walked without a word here; `MORE` are states of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Response

from tests.documents.decks.corporate import corporate
from tests.factories import as_user, make_account
from tests.journeys.books import sample_person
from tests.journeys.checks import CONTRAST, LAYOUT, RULES, findings, settle, sideways
from tests.pages.book import UPLOADED
from tests.pages.table import steps
from trackline.accounts.models import Account, User
from trackline.connectors import sessions
from trackline.connectors.sample.papers import ADDRESS
from trackline.documents.deck_templates.files import take_in
from trackline.kit.records.types import registry
from trackline.workspace.queries.account.tabs import TABS

FILES = re.compile(r"/export/|/brief\.|/rejects/|/people/csv$|\.ics$|\.pptx$")
"""Addresses that answer a file."""
MORE = (
    *("/accounts?q=nothing-like-it", "/search?q=renewal", "/search?q=nothing-like-it", "/search"),
    *(
        "/r/route?state=won",
        "/r/alert",
        "/r/route/{route.pk}",
        "/r/tier_decision/{tier_decision.pk}",
        "/r/play/{play.pk}",
        "/r/meeting/{meeting.pk}",
    ),
    *("/r/goal?panel=goal/{goal.pk}", "/accounts/{new.key}", *(f"/accounts/{{new.key}}/{section}" for section in TABS)),
)
NOT_THERE = ("/nowhere", "/r/goal/999999")
NOT_ALLOWED = "/settings/changes"
AT_ONCE = 8
"""Pages in one test: few enough for the workers to share them evenly."""


def walks() -> dict[str, list[str]]:
    """Return the addresses of each walk, by a name that says where it starts."""
    table = [step.address for step in steps() if step.method == "GET" and step.status_for("admin") == 200]
    pages = sorted({address for address in (*table, *MORE) if not FILES.search(address)})
    found = [pages[start : start + AT_ONCE] for start in range(0, len(pages), AT_ONCE)]
    return {walk[0]: walk for walk in found}


WALKS = walks()


@pytest.mark.parametrize("start", WALKS)
def test_page(sample: None, visit: Callable[..., Page], start: str) -> None:
    admin = sample_person("admin")
    page = visit(admin, "/settings/me")
    names = records(admin)
    wrong: list[str] = []
    for pattern in WALKS[start]:
        address = pattern.format_map(names)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
        response = page.goto(address)
        # What stands around the page is the same on all: it is looked at on a phone once.
        phone = RULES if pattern == start else LAYOUT
        wrong += [f"{address}, {line}" for line in look(page, response, phone)]
    assert not wrong, "\n".join(wrong)


def test_sign_in(book: None, visit: Callable[..., Page]) -> None:
    page = visit(None, "/sign-in")
    assert look(page, page.reload(), RULES) == []


def test_the_page_of_a_customer(sample: None, visit: Callable[..., Page]) -> None:
    page = visit(None, "/sign-in")
    found = look(page, page.goto(f"/shared/{ADDRESS}"), RULES)
    assert [
        line for line in found if not line.startswith("title ")
    ] == []  # its title names who shares it, not the program
    assert page.get_by_role("heading", name="What we do next, together").count() == 1


def test_what_is_not_there_or_not_allowed(sample: None, visit: Callable[..., Page]) -> None:
    page = visit(sample_person("facilitator"), "/settings/me")
    wrong = []
    for address, status in (*((address, 404) for address in NOT_THERE), (NOT_ALLOWED, 403)):
        page.set_viewport_size({"width": 1440, "height": 900})
        wrong += [f"{address}, {line}" for line in look(page, page.goto(address), LAYOUT, status)]
        if page.locator("#main").get_by_role("link").count() == 0:
            wrong.append(f"{address} leads nowhere")
    page.problems.clear()  # type: ignore[attr-defined]  # the browser notes each status
    assert not wrong, "\n".join(wrong)


def look(page: Page, response: Response | None, phone: tuple[str, ...], status: int = 200) -> list[str]:
    """Return what is wrong with the page, a line each."""
    assert response is not None
    wrong = []
    if response.status != status:
        wrong.append(f"status {response.status}")
    if page.locator("h1").count() != 1:
        wrong.append(f"headings {page.locator('h1').all_inner_texts()}")
    if not page.title().endswith("Trackline"):
        wrong.append(f"title {page.title()}")
    wrong += _told("desk, light", findings(page, RULES))
    page.emulate_media(color_scheme="dark")
    settle(page)
    wrong += _told("desk, dark", findings(page, CONTRAST))
    for width in (320, 390):
        if out := sideways(page, width):
            wrong.append(f"sticks out at {width}: {out}")
    return wrong + _told("phone, dark", findings(page, phone))


def _told(state: str, found: list[tuple[str, list[str]]]) -> list[str]:
    return [f"{state}, {rule}: {html[:300]}" for rule, nodes in found for html in nodes[:4]]


def records(admin: User) -> dict[str, Any]:
    """Return what the addresses name: the account that has most to show, one that has nothing yet, and some records."""
    parent = Account.objects.alive().filter(parent__isnull=True, children__isnull=False).order_by("-arr").first()
    assert parent is not None
    new = make_account("Überlandwerk Bad Königshofen-Grabfeld Netz und Betriebs GmbH")
    planned, imported = imports(admin)
    dashboard = registry.get("dashboard").model.objects.alive().filter(shared=True).first()  # type: ignore[attr-defined]
    twin = make_account(f"{parent.name} GmbH", owner=parent.owner, tier=3, arr=12_000)
    theirs = SimpleNamespace(
        planned=planned,
        imported=imported,
        product=one("product").pk,
        dashboard=dashboard.pk,
        twin=twin.pk,
        teammate=parent.owner_id,
        outsider=admin.pk,
        survey_round=one("survey_round").pk,
        scoring_scenario=one("scoring_scenario").pk,
        deck_file=take_in(as_user(admin, timezone.now()), "corporate.pptx", corporate()).pk,
    )
    names = {"account": parent, "new": new, "theirs": theirs}
    names |= {name: one(name) for name in ("check_in", "scorecard_line")}
    names["scorecard"] = names["scorecard_line"].scorecard
    names["tier_decision"] = registry.get("tier_decision").model.objects.alive().filter(status="sign_off").first()  # type: ignore[attr-defined]
    versions = registry.get("plan_version").model.objects.alive().filter(plan__account=parent)  # type: ignore[attr-defined]
    names["plan_version"] = versions.order_by("-number").first()
    for name in ("goal", "route", "play", "meeting", "wave"):
        names[name] = registry.get(name).model.objects.alive().filter(account=parent).first()  # type: ignore[attr-defined]
    read = registry.get("observation").model.objects.alive().filter(account=parent).first()  # type: ignore[attr-defined]
    return names | {"metric": read.metric}


def one(name: str) -> Any:
    """Return some record of a type."""
    return registry.get(name).model.objects.alive().first()  # type: ignore[attr-defined]


def imports(admin: User) -> list[int]:
    """Upload a file twice, import it once; return the numbers of the looked at and of the imported one."""
    ctx = as_user(admin, timezone.now())
    runs = [
        sessions.upload(
            ctx, [sessions.Upload("parts.csv", len(UPLOADED), [UPLOADED.encode()])], source="auto", saved_map=""
        )
        for _ in range(2)
    ]
    sessions.Session(runs[0]).check(ctx)
    sessions.Session(runs[1]).import_now(ctx)
    return [run.pk for run in runs]
