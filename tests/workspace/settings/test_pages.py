"""Pages of settings: what each shows, saves and refuses; readers look, administrators change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, PASSWORD, Cast, make, make_account, make_cast, make_user, system
from trackline.accounts.models import ExchangeRate, Role, TeamMember, Token, User
from trackline.accounts.services import create_token, define_custom_field, set_exchange_rate
from trackline.accounts.settings import setting
from trackline.documents.sharing.visits import note
from trackline.kit.models import CustomField, PicklistValue

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "dialog"}
PAGES = (
    *("me", "tokens", "book", "currencies", "people", "roles", "teams", "access", "fields", "lists"),
    *("products", "pipelines", "metrics", "journey", "playbooks"),
)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def ada(cast: Cast, client: Client) -> Client:
    client.force_login(cast.admin)
    return client


def toast(answer: Any) -> dict[str, str]:
    found: dict[str, str] = json.loads(answer.headers["HX-Trigger"])["toast"]
    return found


def post(client: Client, path: str, **data: Any) -> Any:
    return client.post(f"/settings/{path}", data, **HTMX)


def test_readers_see_the_pages_without_a_way_to_change(cast: Cast, client: Client) -> None:
    client.force_login(cast.facilitator)
    index = client.get("/settings").content.decode()
    assert "/settings/changes" not in index
    assert "Deleted lately" not in index
    for page in PAGES:
        content = client.get(f"/settings/{page}").content.decode()
        for offer in (
            "/settings/people/new",
            "/settings/roles/new",
            "/settings/fields/new",
            "/settings/book/book.name",
            "data-cell",
        ):
            assert offer not in content, (page, offer)


def test_a_setting_is_changed_in_the_dialog_with_undo(ada: Client) -> None:
    assert "Europe/Berlin" in ada.get("/settings/book").content.decode()
    answer = post(ada, "book/book.time_zone", value="Asia/Tokyo")
    assert toast(answer)["text"] == "Time zone: Asia/Tokyo"
    assert setting("book.time_zone") == "Asia/Tokyo"
    page = ada.get("/settings/book").content.decode()
    assert "Ada, " in page
    ada.post(toast(answer)["undo"], **HTMX)
    assert setting("book.time_zone") == "Europe/Berlin"


def test_what_service_costs_is_told_and_taken_back(ada: Client) -> None:
    assert "An hour of our people costs" in ada.get("/settings/book").content.decode()
    assert toast(post(ada, "book/service.hour_cost", value="1,095.50"))["text"].endswith("€1,095.50")
    assert setting("service.hour_cost") == "1095.50"
    assert toast(post(ada, "book/service.hour_cost", value=""))["text"].endswith("not told")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("goals.warn_min", "two"),
        ("goals.warn_min", "1.5"),
        ("service.hour_cost", "-5"),
        ("service.hour_cost", "much"),
        ("book.currency", "E"),
        ("book.name", ""),
    ],
)
def test_a_bad_value_stands_beside_its_field(ada: Client, key: str, value: str) -> None:
    answer = post(ada, f"book/{key}", value=value)
    assert answer.status_code == 422
    assert "s-value-error" in answer.content.decode()


def test_the_scope_says_what_it_does_before(ada: Client, cast: Cast) -> None:
    make_account("Nobody's", owner=None)
    User.objects.filter(pk=cast.admin.pk).update(name="Ada")
    from trackline.accounts.models import Account

    Account.objects.filter(name="Nobody's").update(owner=None)
    text = ada.get("/settings/book/perm.account_scope", **HTMX).content.decode()
    assert "1 of 2 accounts have neither owner nor team" in text
    post(ada, "book/perm.account_scope", value="all")
    assert setting("perm.account_scope") == "all"
    answer = post(ada, "book/perm.parent_teams_see_children", value="no")
    assert setting("perm.parent_teams_see_children") is False
    assert toast(answer)["text"].endswith(": no")


def test_a_person_is_added_changed_and_let_go(ada: Client, cast: Cast) -> None:
    answer = post(
        ada, "people/new", name="Lena Ebert", username="lena", email="lena@ferrova.example", role="facilitator"
    )
    lena = User.objects.get(username="lena")
    assert "cannot sign in before a password is set" in toast(answer)["text"]
    assert "cannot sign in yet" in ada.get("/settings/people?q=lena").content.decode()
    assert post(ada, f"people/{lena.pk}/password", password="12345").status_code == 422
    assert post(ada, f"people/{lena.pk}/password", password=PASSWORD).status_code == 204
    assert Client().login(username="lena", password=PASSWORD)
    post(
        ada, f"people/{lena.pk}", name="Lena Maria Ebert", username="lena", email="", title="CSM", roles=["", "manager"]
    )
    lena.refresh_from_db()
    assert (lena.name, lena.title, list(lena.roles.values_list("code", flat=True))) == (
        "Lena Maria Ebert",
        "CSM",
        ["manager"],
    )
    create_token(system(), lena, ["track:read"])
    asked = ada.get(f"/settings/people/{lena.pk}/deactivate", **HTMX).content.decode()
    assert "1 API token ends for good" in asked
    post(ada, f"people/{lena.pk}/deactivate")
    assert not User.objects.get(pk=lena.pk).active
    assert Token.objects.get(user=lena).revoked_at
    assert not Client().login(username="lena", password=PASSWORD)
    post(ada, f"people/{lena.pk}/activate")
    assert Client().login(username="lena", password=PASSWORD)


def test_a_taken_name_and_a_bad_address_stand_beside_their_fields(ada: Client) -> None:
    answer = post(ada, "people/new", name="X", username="katrin", role="manager")
    assert answer.status_code == 422
    assert "s-username-error" in answer.content.decode()
    answer = post(ada, "people/new", name="X", username="x y", email="nope", role="manager")
    assert "s-email-error" in answer.content.decode()
    assert not User.objects.filter(name="X").exists()


def test_the_last_administrator_stays(ada: Client, cast: Cast) -> None:
    for path, data in (
        (f"people/{cast.admin.pk}", {"name": "Ada", "username": "ada", "roles": ["manager"]}),
        (f"people/{cast.admin.pk}/deactivate", {}),
        ("roles/admin", {"name": "Administrator", "permissions": ["track:read"]}),
    ):
        answer = post(ada, path, **data)
        assert answer.status_code == 409, path
        assert "administrat" in answer.content.decode()
    assert ada.post(f"/r/user/{cast.admin.pk}/delete", **HTMX).status_code == 409


def test_somebody_new_gets_the_role_of_their_job_where_none_is_chosen(ada: Client) -> None:
    page = ada.get("/settings/roles").content.decode()
    assert "Workstream lead" in page and "By job" in page
    post(ada, "people/new", name="Lena Ebert", username="lena", title="Analyst")
    jobs = list(PicklistValue.objects.filter(picklist="job_role").order_by("position").values_list("value", flat=True))
    at = jobs.index("Analyst")
    assert post(ada, "roles/jobs", **{f"job-{at}": "none"}).status_code == 422
    assert post(ada, "roles/jobs", **{f"job-{at}": "manager"}).status_code == 204
    post(ada, "people/new", name="Ole Ebert", username="ole", title="Analyst")
    found = User.objects.filter(username__in=("lena", "ole")).order_by("username").values_list("roles__code", flat=True)
    assert list(found) == ["facilitator", "manager"]
    answer = post(ada, "people/new", name="Uwe Ebert", username="uwe", title="Gardener")
    assert answer.status_code == 422 and "No role is set for the title" in answer.content.decode()


@pytest.mark.parametrize("key", ["perm.own_issues", "perm.own_progress", "perm.section_owners"])
def test_what_is_yes_or_no_is_asked_as_that(ada: Client, key: str) -> None:
    assert 'value="no"' in ada.get(f"/settings/book/{key}", **HTMX).content.decode()
    assert post(ada, f"book/{key}", value="no").status_code == 204
    assert setting(key) is False


def test_a_role_is_made_and_given(ada: Client) -> None:
    answer = post(ada, "roles/new", name="Finance", permissions=["track:read"])
    assert toast(answer)["undo"]
    assert "your own" in ada.get("/settings/roles").content.decode()
    assert post(ada, "roles/new", name="Finance").status_code == 422
    post(ada, "roles/finance", name="Finance partner", permissions=["", "track:write"])
    assert Role.objects.get(code="finance").permissions == ["track:write"]
    post(ada, "roles/finance/delete")
    assert not Role.objects.filter(code="finance").exists()
    assert post(ada, "roles/manager/delete").status_code == 409


def test_a_token_is_shown_once(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    form = client.get("/settings/tokens/new", **HTMX).content.decode()
    assert "track:admin" not in form
    made = post(client, "tokens/new", name="Feed", scope=["", "track:read"], days="30")
    bearer = made.content.decode().split('id="bearer">')[1].split("<")[0]
    assert bearer.startswith("tl_")
    assert made.headers["Cache-Control"] == "no-store"
    page = client.get("/settings/tokens").content.decode()
    assert bearer not in page
    token = Token.objects.get()
    assert token.hint in page
    assert token.expires_at is not None
    assert post(client, "tokens/new", name="X", scope=["track:admin"]).status_code == 403
    assert post(client, "tokens/new", name="X").status_code == 422
    client.force_login(cast.teammate)
    assert "Feed" not in client.get("/settings/tokens").content.decode()
    assert post(client, f"tokens/{token.pk}/revoke").status_code == 404
    client.force_login(cast.admin)
    assert "Feed" in client.get("/settings/tokens").content.decode()
    post(client, f"tokens/{token.pk}/revoke")
    assert Token.objects.get().revoked_at


def test_several_people_join_several_teams_at_once(ada: Client, cast: Cast) -> None:
    other = make_account("Nordwall", owner=cast.owner)
    answer = post(
        ada,
        "teams/add",
        users=[cast.teammate.pk, cast.outsider.pk],
        accounts=[cast.account.pk, other.pk],
        job_role="Analyst",
    )
    assert toast(answer)["text"] == "3 team members added, 1 were there already"
    assert TeamMember.objects.alive().count() == 5
    ada.post(toast(answer)["undo"], **HTMX)
    assert TeamMember.objects.alive().count() == 2
    assert post(ada, "teams/add", users=[""], accounts=[cast.account.pk]).status_code == 422


def test_teams_can_be_looked_at_by_person(ada: Client, cast: Cast) -> None:
    content = ada.get(f"/settings/teams?user={cast.teammate.pk}").content.decode()
    assert "Okada Brandt Mobility" in content
    assert "0 accounts without a team" in content


def test_a_custom_field_is_added_moved_and_switched_off(ada: Client) -> None:
    post(ada, "fields/new", record_type="account", label="Programme", kind="text")
    answer = post(ada, "fields/new", record_type="account", label="Class", kind="choice", choices="A\nB\n\n")
    programme, klass = CustomField.objects.order_by("position")
    assert klass.choices == ["A", "B"]
    assert toast(answer)["undo"]
    post(ada, f"fields/{klass.pk}/move", to="up")
    assert list(CustomField.objects.order_by("position").values_list("label", flat=True)) == ["Class", "Programme"]
    post(ada, f"fields/{klass.pk}", label="Contract class", choices="A\nB\nC")
    post(ada, f"fields/{programme.pk}/switch")
    page = ada.get("/settings/fields").content.decode()
    assert "Contract class" in page
    assert "· off" in page
    assert post(ada, "fields/new", record_type="account", label="", kind="choice").status_code == 422


def test_fields_say_how_many_records_have_a_value(ada: Client, cast: Cast) -> None:
    define_custom_field(system(), "account", "Programme")
    make_account("Nordwall", custom={"programme": "Rail"})
    assert '<td class="right hide-phone">1</td>' in ada.get("/settings/fields").content.decode()


def test_words_of_a_list_are_edited(ada: Client, cast: Cast) -> None:
    make_account("Nordwall", region="Nordics")
    assert "In use, but not offered: Nordics" in ada.get("/settings/lists").content.decode()
    answer = post(ada, "lists/region", values="EMEA\nNordics\n")
    assert list(PicklistValue.objects.filter(picklist="region").values_list("value", flat=True)) == ["EMEA", "Nordics"]
    ada.post(toast(answer)["undo"], **HTMX)
    assert PicklistValue.objects.filter(picklist="region").count() == 3
    assert post(ada, "lists/region", values="x" * 81).status_code == 422
    assert post(ada, "lists/nothing", values="x").status_code == 404


def test_a_currency_in_use_without_a_rate_is_named(ada: Client, cast: Cast) -> None:
    make_account("Minamoto", currency="JPY", arr=5)
    assert "JPY is in use without a rate" in ada.get("/settings/currencies").content.decode()
    answer = post(ada, "currencies/rate", currency="jpy", on="2026-10-31", rate="0.0061")
    assert toast(answer)["text"].startswith("JPY at 31")
    page = ada.get("/settings/currencies").content.decode()
    assert "without a rate" not in page
    assert "0.0061" in page
    assert post(ada, "currencies/rate", currency="JPY", on="soon", rate="x").status_code == 422
    post(ada, "currencies/rate/delete", currency="JPY", on="2026-10-31")
    assert not ExchangeRate.objects.exists()


def test_profile_and_password_are_ones_own(cast: Cast, client: Client) -> None:
    client.force_login(cast.facilitator)
    answer = post(client, "me", name="Frieda Lang", email="frieda@ferrova.example", title="", time_zone="Asia/Tokyo")
    assert toast(answer)["text"] == "Profile saved"
    assert User.objects.get(pk=cast.facilitator.pk).time_zone == "Asia/Tokyo"
    assert post(client, "me", name="").status_code == 422
    wrong = post(client, "me/password", current="no", password="a quiet afternoon", again="a quiet morning")
    assert wrong.status_code == 422
    assert "not your password now" in wrong.content.decode()
    assert "two entries differ" in wrong.content.decode()
    done = post(client, "me/password", current=PASSWORD, password="a quiet afternoon", again="a quiet afternoon")
    assert done.status_code == 200
    assert client.get("/settings/me").status_code == 200, "this session goes on"
    assert Client().login(username="frieda", password="a quiet afternoon")


def test_the_theme_stays_with_the_person(cast: Cast, client: Client) -> None:
    client.force_login(cast.facilitator)
    assert post(client, "me/theme", theme="dark").cookies["tl_theme"].value == "dark"
    assert User.objects.get(pk=cast.facilitator.pk).preferences["theme"] == "dark"
    assert post(client, "me/theme", theme="pink").status_code == 422


def test_somebody_without_a_role_sees_only_their_profile(client: Client) -> None:
    user = make_user("guest")
    user.roles.clear()
    client.force_login(user)
    assert client.get("/settings/me").status_code == 200
    for path in ("/accounts", "/settings", "/search?q=a", "/settings/people"):
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert "track:read" in answer.content.decode()


def test_changes_tell_who_did_what(ada: Client) -> None:
    post(ada, "book/goals.hard_max", value="7")
    post(ada, "people/new", name="Lena Ebert", username="lena", role="manager")
    content = ada.get("/settings/changes").content.decode()
    assert "Active goals at most" in content
    assert "Lena Ebert added" in content
    assert "Ada · browser" in content


def test_a_time_is_read_in_ones_own_zone(cast: Cast, client: Client) -> None:
    from datetime import UTC, datetime

    from trackline.kit.history.models import Change

    User.objects.filter(pk=cast.admin.pk).update(time_zone="Asia/Tokyo")
    Change.objects.create(
        at=datetime(2026, 11, 1, 20, 30, tzinfo=UTC),
        via="web",
        action="update",
        record_type="setting",
        record_id=1,
        title="book.name",
        changes={},
    )
    client.force_login(cast.admin)
    assert "05:30" in client.get("/settings/changes").content.decode()


@pytest.mark.parametrize(
    "path",
    ["people", "teams", "tokens", "fields", "lists", "currencies", "pipelines", "products", "changes", "shared-pages"],
)
def test_queries_do_not_grow_with_rows(ada: Client, cast: Cast, path: str) -> None:
    def grow(number: int) -> None:
        user = make_user(f"user{number}")
        make("team_member", account=make_account(f"A {number}", currency="USD", region=f"R{number}"), user=user)
        create_token(system(), cast.admin, ["track:read"], name=f"T{number}")
        make("product", name=f"P{number}")
        make(
            "stage",
            pipeline=make("pipeline", key=f"p{number}", name=f"P{number}"),
            key="s",
            name="S",
            state="identified",
            probability=1,
        )
        link = make("share_link", account=make_account(f"S {number}"), title=f"L{number}")
        note(link, "beyond", NOW)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ada.get(f"/settings/{path}").status_code == 200
        return len(captured)

    define_custom_field(system(), "account", "One")
    set_exchange_rate(system(), "USD", __import__("datetime").date(2026, 1, 31), __import__("decimal").Decimal(1))
    grow(1)
    before = count()
    for number in range(2, 5):
        grow(number)
    assert count() == before
