"""Settings, rates, roles, fields and lists: what is refused, what is written down, and the way back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import as_user, make_account, make_user, system
from trackline.accounts import services
from trackline.accounts.held import read_once
from trackline.accounts.models import ExchangeRate, Role, SavedView, User
from trackline.accounts.services import audit
from trackline.accounts.services.roles import administrators
from trackline.accounts.settings import amounts, setting
from trackline.kit.history.models import Change
from trackline.kit.models import CustomField, PicklistValue
from trackline.kit.problems import Forbidden, Invalid, NotFound, Refused, Stale

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 31)


@pytest.fixture
def ada() -> User:
    return make_user("ada", role="admin")


def last() -> Change:
    found: Change = Change.objects.filter(record_type__in=audit.KINDS).order_by("-pk")[0]
    return found


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("book.currency", "euro"),
        ("book.time_zone", "Mars/Olympus"),
        ("book.fiscal_year_start_month", 13),
        ("book.fiscal_year_start_month", True),
        ("book.name", " "),
        ("perm.account_scope", "some"),
        ("goals.warn_min", "2"),
        ("goals.warn_min", 10**9),
        ("service.hour_cost", 95),
        ("service.hour_cost", "-1"),
        ("service.hour_cost", "95.005"),
        ("service.hour_cost", "much"),
        ("nothing", 1),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(key: str, value: Any) -> None:
    with pytest.raises(Invalid):
        services.change_setting(system(), key, value)


def test_a_change_is_written_down_with_who_and_from_to(ada: User) -> None:
    services.change_setting(as_user(ada), "goals.hard_max", 7)
    change = last()
    assert (change.record_type, change.title, change.changes, change.actor) == (
        "setting",
        "goals.hard_max",
        {"value": [5, 7]},
        ada,
    )
    services.take_back(as_user(ada), change.pk)
    assert setting("goals.hard_max") == 5


def test_what_was_changed_again_is_not_taken_back(ada: User) -> None:
    ctx = as_user(ada)
    services.change_setting(ctx, "goals.hard_max", 7)
    first = last()
    services.change_setting(ctx, "goals.hard_max", 9)
    with pytest.raises(Stale):
        services.take_back(ctx, first.pk)
    assert setting("goals.hard_max") == 9


def test_a_change_is_seen_within_one_use() -> None:
    with read_once():
        assert setting("goals.hard_max") == 5
        services.change_setting(system(), "goals.hard_max", 6)
        assert setting("goals.hard_max") == 6


def test_rates_are_kept_changed_and_forgotten(ada: User) -> None:
    ctx = as_user(ada)
    services.set_exchange_rate(ctx, "USD", OCTOBER, Decimal("0.92"))
    services.set_exchange_rate(ctx, "USD", OCTOBER, Decimal("0.93"))
    assert last().changes == {"rate": ["0.92", "0.93"]}
    services.take_back(ctx, last().pk)
    assert ExchangeRate.objects.get().rate == Decimal("0.92")
    services.delete_exchange_rate(ctx, "USD", OCTOBER)
    services.take_back(ctx, last().pk)
    assert ExchangeRate.objects.get().rate == Decimal("0.92")
    for code, rate in (("EUR", "1"), ("usd", "1"), ("USD", "0"), ("USD", "-1")):
        with pytest.raises(Invalid):
            services.set_exchange_rate(ctx, code, OCTOBER, Decimal(rate))


def test_another_book_currency_converts_the_rates() -> None:
    services.set_exchange_rate(system(), "USD", OCTOBER, Decimal("0.8"))
    services.set_exchange_rate(system(), "GBP", OCTOBER, Decimal("1.2"))
    with pytest.raises(Refused, match="no rate for CHF"):
        services.change_setting(system(), "book.currency", "CHF")
    services.change_setting(system(), "book.currency", "USD")
    assert {row.currency: row.rate for row in ExchangeRate.objects.all()} == {
        "EUR": Decimal("1.25"),
        "GBP": Decimal("1.5"),
    }
    services.change_setting(system(), "book.currency", "EUR")
    assert {row.currency: row.rate for row in ExchangeRate.objects.all()} == {
        "USD": Decimal("0.8"),
        "GBP": Decimal("1.2"),
    }


def test_another_book_currency_converts_what_service_costs() -> None:
    services.change_setting(system(), "service.hour_cost", "95")
    services.change_setting(system(), "service.cost.support.3", "0")
    with pytest.raises(Refused, match="no rate for USD"):
        services.change_setting(system(), "book.currency", "USD")
    services.set_exchange_rate(system(), "USD", OCTOBER, Decimal("0.8"))
    services.change_setting(system(), "book.currency", "USD")
    told = {key: amount for key, amount in amounts().items() if amount is not None}
    assert told == {"service.hour_cost": Decimal("118.75"), "service.cost.support.3": 0}
    services.change_setting(system(), "book.currency", "EUR")
    assert amounts()["service.hour_cost"] == 95


def test_roles_are_made_changed_and_removed(ada: User) -> None:
    ctx = as_user(ada)
    role = services.create_role(ctx, "Finance partner", ["track:read"])
    assert role.code == "finance-partner"
    with pytest.raises(Invalid, match="already"):
        services.create_role(ctx, "finance PARTNER", [])
    with pytest.raises(Invalid):
        services.create_role(ctx, "Odd", ["track:everything"])
    services.change_role(ctx, role.code, permissions=["track:write", "track:read"])
    assert Role.objects.get(code=role.code).permissions == ["track:read", "track:write"]
    services.take_back(ctx, last().pk)
    assert Role.objects.get(code=role.code).permissions == ["track:read"]
    tim = make_user("tim", role=role.code)
    with pytest.raises(Refused, match="Tim holds this role"):
        services.delete_role(ctx, role.code)
    services.set_roles(ctx, tim, ["manager"])
    services.delete_role(ctx, role.code)
    with pytest.raises(Refused, match="every book has"):
        services.delete_role(ctx, "manager")
    with pytest.raises(NotFound):
        services.delete_role(ctx, role.code)


def test_somebody_stays_administrator(ada: User) -> None:
    ctx = as_user(ada)
    for attempt in (
        lambda: services.set_roles(ctx, ada, ["manager"]),
        lambda: services.change_role(ctx, "admin", permissions=["track:read"]),
        lambda: services.deactivate_user(ctx, ada),
    ):
        with pytest.raises(Refused, match="administrat"):
            attempt()
    assert administrators() == 1
    bob = make_user("bob", role="admin")
    services.set_roles(ctx, ada, ["manager"])
    with pytest.raises(Refused):
        services.take_back(as_user(bob), services_created_role_change(bob).pk)
    assert administrators() == 1


def services_created_role_change(bob: User) -> Change:
    """Bob's only role, written down as if he had none before."""
    return audit.note_change(system(), audit.USER_ROLES, bob.pk, bob.name, {"roles": [[], ["admin"]]})


def test_roles_of_a_person_are_taken_back(ada: User) -> None:
    tim = make_user("tim")
    services.set_roles(as_user(ada), tim, ["facilitator", "manager"])
    assert last().changes == {"roles": [["manager"], ["facilitator", "manager"]]}
    services.take_back(as_user(ada), last().pk)
    assert list(tim.roles.values_list("code", flat=True)) == ["manager"]
    with pytest.raises(Invalid):
        services.set_roles(as_user(ada), tim, ["nothing"])


def test_custom_fields_keep_kind_and_key(ada: User) -> None:
    ctx = as_user(ada)
    field = services.define_custom_field(ctx, "account", "Cost  centre", "choice", choices=["A", "B", "A", " "])
    assert (field.key, field.label, field.choices) == ("cost_centre", "Cost centre", ["A", "B"])
    services.take_back(ctx, last().pk)
    assert not CustomField.objects.get().active
    again = services.define_custom_field(ctx, "account", "Cost centre", "choice", choices=["A"])
    assert (again.pk, again.active) == (field.pk, True)
    with pytest.raises(Invalid, match="cannot be changed"):
        services.change_custom_field(ctx, field.pk, kind="text")
    with pytest.raises(Invalid, match="at least one"):
        services.change_custom_field(ctx, field.pk, choices=[])
    services.change_custom_field(ctx, field.pk, label="Centre", help="Of finance")
    services.take_back(ctx, last().pk)
    assert CustomField.objects.get().label == "Cost centre"


def test_fields_in_other_scripts_get_keys_of_their_own(ada: User) -> None:
    keys = [services.define_custom_field(as_user(ada), "account", label).key for label in ("部門", "原価")]
    assert keys == ["field", "field_2"]


def test_words_of_a_list_are_replaced_and_come_back(ada: User) -> None:
    ctx = as_user(ada)
    before = list(PicklistValue.objects.filter(picklist="region").values_list("value", flat=True))
    services.set_picklist(ctx, "region", ["DACH", " Nordics ", "DACH", ""])
    assert list(PicklistValue.objects.filter(picklist="region").values_list("value", flat=True)) == ["DACH", "Nordics"]
    services.take_back(ctx, last().pk)
    assert list(PicklistValue.objects.filter(picklist="region").values_list("value", flat=True)) == before
    assert services.set_picklist(ctx, "region", before) is None


@pytest.mark.parametrize(
    ("after", "renamed"),
    [
        (["Europe", "Americas", "APAC"], {"EMEA": "Europe"}),
        (["Europe", "", "Americas", " APAC "], {"EMEA": "Europe"}),
        (["Europe", "Americas"], {}),
        (["Americas", "EMEA", "APAC"], {}),
        (["EMEA", "Americas", "APAC", "Africa"], {}),
        (["Europe", "EMEA", "APAC"], {}),
        (["Europe", "Africa", "APAC"], {"EMEA": "Europe", "Americas": "Africa"}),
    ],
)
def test_a_word_in_the_place_of_another_is_a_new_name(after: list[str], renamed: dict[str, str]) -> None:
    assert services.renamed_in(["EMEA", "Americas", "APAC"], after) == renamed


def test_a_renamed_word_is_renamed_where_it_is_used_and_back(ada: User) -> None:
    ctx = as_user(ada)
    with_it, other = make_account("Okada", region="EMEA"), make_account("Brandt", region="APAC")
    had_it = make_account("Corby", region="Europe")
    before = list(PicklistValue.objects.filter(picklist="region").values_list("value", flat=True))
    services.set_picklist(ctx, "region", ["Europe", *before[1:]], renamed={"EMEA": "Europe"})
    for account, region, version in ((with_it, "Europe", 2), (other, "APAC", 1), (had_it, "Europe", 1)):
        account.refresh_from_db()
        assert (account.region, account.version) == (region, version)
    assert "europe" in with_it.search_text
    line = Change.objects.get(record_type="account", record_id=with_it.pk, action="update")
    assert (line.changes, line.actor) == ({"region": ["EMEA", "Europe"]}, ada)
    services.take_back(ctx, last().pk)
    for account, region in ((with_it, "EMEA"), (other, "APAC"), (had_it, "Europe")):
        account.refresh_from_db()
        assert account.region == region
    assert list(PicklistValue.objects.filter(picklist="region").values_list("value", flat=True)) == before


def test_a_renamed_word_is_renamed_in_saved_views_and_back(ada: User) -> None:
    ctx = as_user(ada)
    views = {
        query: services.save_view(ctx, "account", query, query)
        for query in (
            "region=EMEA&order=-arr",
            "region=APAC,EMEA",
            "region__not=EMEA",
            "industry=EMEA",
            "q=region+EMEA",
        )
    }
    offered = list(PicklistValue.objects.filter(picklist="region").values_list("value", flat=True))
    services.set_picklist(
        ctx, "region", ["Europe & more" if word == "EMEA" else word for word in offered],
        renamed={"EMEA": "Europe & more"},
    )  # fmt: skip
    told = {before: SavedView.objects.get(pk=view.pk).query for before, view in views.items()}
    assert told == {
        "region=EMEA&order=-arr": "region=Europe+%26+more&order=-arr",
        "region=APAC,EMEA": "region=APAC,Europe+%26+more",
        "region__not=EMEA": "region__not=Europe+%26+more",
        "industry=EMEA": "industry=EMEA",
        "q=region+EMEA": "q=region+EMEA",
    }
    services.take_back(ctx, last().pk)
    assert [SavedView.objects.get(pk=view.pk).query for view in views.values()] == list(views)


def test_a_renamed_choice_is_renamed_where_it_is_used_and_back(ada: User) -> None:
    ctx = as_user(ada)
    field = services.define_custom_field(ctx, "account", "Segment", "choice", choices=["Gold", "Silver"])
    with_it, other = (make_account(name, custom={field.key: name}) for name in ("Gold", "Silver"))
    view = services.save_view(ctx, "account", "Best", "custom.segment=Gold")
    services.change_custom_field(ctx, field.pk, choices=["Platinum", "Silver"])
    for account, word, version in ((with_it, "Platinum", 2), (other, "Silver", 1)):
        account.refresh_from_db()
        assert (account.custom[field.key], account.version) == (word, version)
    assert SavedView.objects.get(pk=view.pk).query == "custom.segment=Platinum"
    services.take_back(ctx, last().pk)
    with_it.refresh_from_db()
    assert with_it.custom[field.key] == "Gold"
    assert SavedView.objects.get(pk=view.pk).query == "custom.segment=Gold"


def test_only_administrators_change_and_take_back(ada: User) -> None:
    services.change_setting(as_user(ada), "goals.hard_max", 7)
    tim = as_user(make_user("tim"))
    for attempt in (
        lambda: services.change_setting(tim, "goals.hard_max", 8),
        lambda: services.set_exchange_rate(tim, "USD", OCTOBER, Decimal(1)),
        lambda: services.create_role(tim, "Mine", ["track:admin"]),
        lambda: services.set_picklist(tim, "region", []),
        lambda: services.define_custom_field(tim, "account", "X"),
        lambda: services.take_back(tim, last().pk),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_a_password_and_a_token_are_written_down_but_not_undone(ada: User) -> None:
    ctx = as_user(ada)
    services.set_password(ctx, ada, "several quiet words")
    assert (last().record_type, last().changes) == ("password", {})
    _token, bearer = services.create_token(ctx, ada, ["track:read"], name="Feed")
    assert bearer not in str(last().changes)
    with pytest.raises(Refused, match="cannot be undone"):
        services.take_back(ctx, last().pk)


def test_a_person_changes_their_own_profile_and_no_more() -> None:
    tim, olga = make_user("tim"), make_user("olga")
    services.change_profile(as_user(tim), tim, {"name": "Tim Lorca", "time_zone": "Asia/Tokyo"})
    assert User.objects.get(pk=tim.pk).name == "Tim Lorca"
    with pytest.raises(Invalid, match="time zone"):
        services.change_profile(as_user(tim), tim, {"time_zone": "Nowhere"})
    for who, data in ((olga, {"name": "X"}), (tim, {"username": "root"}), (tim, {"active": "on"})):
        with pytest.raises(Forbidden):
            services.change_profile(as_user(tim), who, data)
