"""A plan is read by those whom it is open to: on pages, over the API, as a file, in lists, search, history and archives."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.delivery.api.client import Api
from tests.factories import NOW, Cast, as_user, make, make_cast, system
from trackline.accounts.services import change_setting
from trackline.delivery.cli.root import root
from trackline.documents.plans import services
from trackline.documents.plans.live import plan_of, plan_of_version
from trackline.kickoff import calendars
from trackline.kit.history.models import Change
from trackline.kit.problems import NotFound, Refused
from trackline.kit.records import exports
from trackline.kit.records import services as records
from trackline.kit.records.queries import ListParams
from trackline.kit.records.types import registry
from trackline.workspace.letters import letter, plain_text

pytestmark = pytest.mark.django_db
CANARY = "Canary of the plan team"
NOTE = "Canary note of the version"
READERS = {
    "shared": {"owner", "teammate", "outsider", "facilitator", "admin"},
    "team": {"owner", "teammate", "facilitator", "admin"},
    "plan_team": {"owner", "facilitator", "admin"},
}
"""Who reads a plan of each level in a book whose accounts everybody sees; the facilitator is in the plan's team."""


class Book:
    """An account that all see, with a plan, its texts, a version, a signature, and somebody to read them."""

    def __init__(self, level: str) -> None:
        self.cast: Cast = make_cast("all")
        ctx = as_user(self.cast.owner)
        self.account = self.cast.account
        self.plan = make(
            "account_plan", ctx=ctx, account=self.account, title="Canary plan", confidentiality=level,
            members=[self.cast.facilitator.pk],
        )  # fmt: skip
        self.text = make("plan_section", ctx=ctx, account=self.account, section="market", text=CANARY)
        gone = make("plan_section", ctx=ctx, account=self.account, section="resources", text=f"{CANARY}, gone")
        records.update(ctx, registry.get("plan_section"), self.text.pk, {"text": f"{CANARY}, again"})
        records.delete(ctx, registry.get("plan_section"), gone.pk)
        self.gone = gone
        self.wording = make("plan_suggestion", ctx=ctx, plan_section=self.text, text=f"{CANARY}, otherwise", why=CANARY)
        self.version = make("plan_version", ctx=ctx, plan=self.plan, note=NOTE)
        self.signed = make(
            "plan_sign_off", ctx=ctx, plan_version=self.version, side="us", decision="approved", note=CANARY
        )

    def records(self) -> dict[str, Any]:
        return {
            "account-plans": self.plan, "plan-versions": self.version, "plan-sign-offs": self.signed,
            "plan-sections": self.text, "plan-suggestions": self.wording,
        }  # fmt: skip


@pytest.fixture(params=list(READERS))
def level(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_each_way_to_a_plan_is_open_to_its_readers_alone(level: str) -> None:
    book = Book(level)
    key = book.account.key
    version = f"/accounts/{key}/plan/versions/{book.version.pk}"
    for role, user in book.cast.everyone().items():
        reads = role in READERS[level]
        api, web = Api(user), Client()
        web.force_login(user)
        paths = [f"/accounts/{key}/plan", f"/accounts/{key}/plan?edition=summary", f"/plan-versions/{book.version.pk}/plan",
                 f"/plan-versions/{book.version.pk}/difference", f"/account-plans/{book.plan.pk}/gate?to=archived"]  # fmt: skip
        paths += [f"/{resource}/{record.pk}" for resource, record in book.records().items()]
        paths += [f"/{resource}/{record.pk}/history" for resource, record in book.records().items()]
        for path in paths:
            assert api.get(path).status_code == (200 if reads else 404), (role, path)
        pages = [f"/accounts/{key}/plan", f"/accounts/{key}/plan?edition=summary", f"/accounts/{key}/plan/export/pdf",
                 f"/accounts/{key}/plan/export/md", f"/accounts/{key}/plan/versions", f"/accounts/{key}/plan/difference",
                 version, f"{version}/export/docx"]  # fmt: skip
        pages += [
            f"/panel/{name}/{pk}" for name, pk in (("plan_section", book.text.pk), ("account_plan", book.plan.pk))
        ]
        pages += [f"/r/plan_version/{book.version.pk}", f"/r/plan_sign_off/{book.signed.pk}"]
        for page in pages:
            asked = {"HX-Request": "true"} if page.startswith("/panel") else {}
            assert web.get(page, headers=asked).status_code == (200 if reads else 404), (role, page)


def test_nothing_of_a_plan_stands_anywhere_else(level: str) -> None:
    book = Book(level)
    key = book.account.key
    for role, user in book.cast.everyone().items():
        reads, may_write = role in READERS[level], role != "facilitator"
        api, web = Api(user), Client()
        web.force_login(user)
        told = "".join(
            api.get(path).content.decode()
            for path in (
                *(f"/{resource}?limit=200" for resource in book.records()), f"/accounts/{key}/timeline?limit=200",
                f"/plan-sections?q=plan+team&account={key}", *(("/plan-sections?deleted=only",) if may_write else ()),
            )
        )  # fmt: skip
        shown = "".join(
            web.get(path).content.decode()
            for path in (
                f"/accounts/{key}/timeline", f"/accounts/{key}/history", "/search?q=plan+team", "/search/palette?q=plan+team",
                "/r/plan_section", *(("/deleted",) if may_write else ()),
            )
        )  # fmt: skip
        assert ("anary" in told, "anary" in shown) == (reads, reads), role
        answered = web.get(f"/accounts/{key}/export/json")
        whole = b"".join(answered.streaming_content).decode()  # type: ignore[attr-defined]
        assert CANARY not in whole or reads, role
        whole = api.get(f"/accounts/{key}/complete").content.decode()
        assert (CANARY in whole, NOTE in whole) == (reads, reads), role
        if not reads:
            calendars.turn_on(as_user(user))
            beside = "".join(
                web.get(path).content.decode()
                for path in (
                    "/", "/alerts", "/calendar", f"/accounts/{key}", calendars.feed_address(as_user(user)),
                )
            )  # fmt: skip
            assert "anary" not in beside + plain_text(letter(user, NOW), user), role
        rows = {
            rtype.name: list(exports.rows(as_user(user), rtype, ListParams(), archive=True)) for rtype in registry.all()
        }
        assert (CANARY in str(rows), NOTE in str(rows)) == (reads, reads), role


def test_who_may_not_read_may_not_write(level: str) -> None:
    book = Book(level)
    if "outsider" in READERS[level]:
        return
    olga = as_user(book.cast.outsider)
    api = Api(book.cast.outsider)
    for resource, record in book.records().items():
        for method, path, body in (
            ("PATCH", f"/{resource}/{record.pk}", {}),
            ("DELETE", f"/{resource}/{record.pk}", None),
            ("POST", f"/{resource}/{record.pk}/restore", None),
        ):
            assert api.call(method, path, body).status_code == 404, path
    assert api.post(f"/plan-sections/{book.gone.pk}/restore").status_code == 404
    assert (
        api.post(f"/account-plans/{book.plan.pk}/move", {"to": "archived", "note": "Out of the way"}).status_code == 404
    )
    assert api.post("/plan-versions", {"plan": str(book.plan.pk), "note": "Somebody else's"}).status_code == 422
    with pytest.raises(NotFound):
        make("plan_section", ctx=olga, account=book.account, section="goals", text="Mine")
    with pytest.raises(NotFound):
        make("account_plan", ctx=olga, account=book.account, title="Another")
    with pytest.raises(NotFound):
        services.move(olga, book.plan.pk, "archived", "Out of the way")
    for change in Change.objects.filter(record_type__in=("plan_section", "account_plan")):
        with pytest.raises(NotFound):
            records.undo(olga, change.pk)


def test_a_plan_that_is_not_shared_has_no_copy_for_the_customer(level: str, tmp_path: Path) -> None:
    book = Book(level)
    wanted = 200 if level == "shared" else 409
    web = Client()
    web.force_login(book.cast.owner)
    key = book.account.key
    assert web.get(f"/accounts/{key}/plan?edition=customer").status_code == wanted
    assert web.get(f"/accounts/{key}/plan/export/pdf?edition=customer").status_code == wanted
    assert web.get(f"/accounts/{key}/plan/versions/{book.version.pk}?edition=customer").status_code == wanted
    assert Api(book.cast.owner).get(f"/accounts/{key}/plan?edition=customer").status_code == wanted
    assert Api(book.cast.owner).get(f"/plan-versions/{book.version.pk}/plan?edition=customer").status_code == wanted
    offered = "edition=customer" in web.get(f"/accounts/{key}/plan").content.decode()
    assert offered == (level == "shared")
    target = tmp_path / "plan.md"
    done = CliRunner().invoke(root, ["export", "plan", key, "--to", str(target), "--edition", "customer"])
    assert (done.exit_code == 0) == (level == "shared") == target.exists()


def test_the_stricter_of_two_plans_closes_the_texts() -> None:
    book = Book("shared")
    ctx = system()
    services.move(ctx, book.plan.pk, "internal_review", "Nobody waits for it", override=True)
    for to in ("customer_review", "approved", "active"):
        services.move(ctx, book.plan.pk, to, "Nobody waits for it", override=True)
    olga = as_user(book.cast.outsider)
    assert plan_of(olga, book.account)
    second = make("account_plan", ctx=ctx, account=book.account, title="Next year", confidentiality="plan_team")
    with pytest.raises(NotFound, match="Ask Katrin"):
        plan_of(olga, book.account)
    assert Api(book.cast.outsider).get(f"/plan-versions/{book.version.pk}").status_code == 200, (
        "the older plan stays shared"
    )
    services.move(ctx, second.pk, "archived", "It was not needed")
    assert plan_of(olga, book.account)


def test_an_account_out_of_scope_stays_out_whatever_the_plan_says() -> None:
    book = Book("shared")
    change_setting(system(), "perm.account_scope", "team")
    assert Api(book.cast.outsider).get(f"/accounts/{book.account.key}/plan").status_code == 404
    assert Api(book.cast.outsider).get(f"/plan-versions/{book.version.pk}").status_code == 404


def test_a_token_reads_no_more_than_its_scopes_let_it() -> None:
    book = Book("plan_team")
    assert Api(book.cast.admin, "track:read").get(f"/account-plans/{book.plan.pk}").status_code == 404
    assert Api(book.cast.owner, "track:read").get(f"/account-plans/{book.plan.pk}").status_code == 200


def test_a_table_of_versions_has_no_room_for_what_they_kept(tmp_path: Path) -> None:
    book = Book("shared")
    target = tmp_path / "versions.csv"
    assert CliRunner().invoke(root, ["export", "plan-versions", "--to", str(target)]).exit_code == 0
    heading = next(csv.reader(target.open(encoding="utf-8-sig")))
    assert "frozen" not in heading
    assert "frozen" not in Api(book.cast.owner).get(f"/plan-versions/{book.version.pk}").json()
    book.version.frozen = {}
    with pytest.raises(Refused, match="came from a table"):
        plan_of_version(book.version)
