"""Quality of the data: each check on a record that passes and one that fails, dimensions over days, feeds, owners, handing over."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.delivery.api.client import Api, problem
from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, make_user, system
from trackline.accounts.models import Account, Contact, Metric, Observation, User
from trackline.accounts.rulebook.adjusting import Target, rule_named, save
from trackline.accounts.services import set_exchange_rate
from trackline.align.models import Route
from trackline.book.models import QualityReading
from trackline.book.quality.checks import catalogue
from trackline.book.quality.conditions import TESTS
from trackline.book.quality.feeds import feeds_of, late_lines
from trackline.book.quality.handover import hand_over, planned
from trackline.book.quality.keeping import keep
from trackline.book.quality.measuring import Quality, Scored, failing, keep_quality, measure
from trackline.book.quality.owning import kinds, owning
from trackline.book.quality.stewards import alarms
from trackline.book.rules.quality import DIMENSIONS
from trackline.core.playbook import RunRefused, run
from trackline.kit.history.models import Change
from trackline.kit.problems import Forbidden, Invalid, NotFound
from trackline.kit.records import services
from trackline.kit.records.bulk import undo_batch
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
DIM = [
    ("accuracy", 965, 1000),
    ("completeness", 1488, 1600),
    ("consistency", 980, 1000),
    ("uniqueness", 992, 1000),
    ("timeliness", 971, 1000),
]


def dimensions(**days: int | None) -> dict[str, Any]:
    return {
        "dimensions": [
            {"key": key, "passed": passed, "checked": checked, "days_below": days.get(key, 0)}
            for key, passed, checked in DIM
        ]
    }


def _score(inputs: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = run("book.quality.score", inputs, as_of=TODAY).to_json()
    return found


def test_a_mean_hides_the_dimension_that_fails() -> None:
    """The example of the catalogue: 112 of 1,600 fields blank; amber after the second day."""
    first, second = (_score(dimensions(completeness=days)) for days in (1, 2))
    assert second["value"] == pytest.approx(96.76)
    points = {part["key"]: part["points"] for part in second["parts"]}
    assert points["completeness"] == 93
    assert (first["band"], second["band"]) == ("green", "amber")
    assert first["details"] == {"below": ["completeness"], "amber": [], "unchecked": []}
    assert second["details"] == {"below": ["completeness"], "amber": ["completeness"], "unchecked": []}
    assert _score(dimensions(completeness=None))["band"] == "unknown"


def test_the_least_share_is_enough_and_what_was_not_checked_is_not_guessed() -> None:
    edge = {
        "dimensions": [
            {"key": "accuracy", "passed": 95, "checked": 100},
            {"key": "timeliness", "passed": 0, "checked": 0},
        ]
    }
    found = _score(edge)
    assert (found["value"], found["details"]["below"]) == (95, [])
    assert set(found["missing"]) == {"dimensions", "timeliness"}
    assert set(found["details"]["unchecked"]) == {"completeness", "consistency", "uniqueness", "timeliness"}
    assert found["coverage_pct"] == 20
    assert _score({"dimensions": []})["value"] is None
    for wrong in ({"key": "accuracy", "passed": 2, "checked": 1}, {"key": "beauty", "passed": 1, "checked": 1}):
        with pytest.raises(RunRefused):
            _score({"dimensions": [wrong]})


def test_every_check_has_a_test_and_every_dimension_checks() -> None:
    checks = catalogue().having(dict.fromkeys(["account.owner", "account.nothing", "dashboard.name"], 1))
    assert {check.test for check in checks.values()} <= set(TESTS)
    assert "account-has-owner" in checks
    assert not {"account-has-nothing", "dashboard-has-name"} & set(checks)
    for domain in catalogue().domains:
        found = {check.dimension for check in checks.values() if check.domain == domain}
        assert found >= set(DIMENSIONS) - {"completeness"}, domain


# -- each check ----------------------------------------------------------------------------------------------------


def counted(found: Quality) -> dict[str, tuple[int, int]]:
    return {one.check.key: (one.failed, one.checked) for one in found.counted}


@pytest.fixture
def account() -> Account:
    set_exchange_rate(system(), "USD", TODAY - timedelta(days=30), Decimal("0.9"))
    found: Account = make("account", name="Forge", currency="EUR", arr=100, domain="forge.example")
    return found


def _past(days: int) -> date:
    return TODAY - timedelta(days=days)


def _gone(account: Account) -> Any:
    user = make_user("gone")
    User.objects.filter(pk=user.pk).update(active=False)
    return user


def _contract(account: Account, **more: Any) -> Any:
    return make("contract", **{"account": account, "ref": "C-1", "currency": "EUR", "arr": 100, **more})


def _reading(account: Account, value: float, on: date = TODAY) -> Any:
    margin = Metric.objects.get(key="gross_margin", account=None)
    return Observation.objects.create(
        account=account, metric=margin, value=value, on=on, created_at=NOW, updated_at=NOW
    )


def _departed(account: Account, **more: Any) -> Contact:
    found: Contact = make("contact", account=account, name="Left", status="departed", **more)
    return found


def _kpi(account: Account, **more: Any) -> Any:
    found = make("kpi", account=account, name="Scrap", unit="percent", direction="decrease", refresh="monthly")
    type(found).objects.filter(pk=found.pk).update(**more)
    return found


def _update(record: Any, **more: Any) -> int:
    return int(type(record).objects.filter(pk=record.pk).update(**more))


def _goal(account: Account, **more: Any) -> Any:
    return make(
        "goal", **{"account": account, "title": "Less scrap", "unit": "percent", "baseline": 5, "target": 2,
                   "start_on": TODAY, "due_on": TODAY + timedelta(days=60), **more}
    )  # fmt: skip


def _route(account: Account, **more: Any) -> Any:
    more = {"account": account, "title": "Predict", "type": "upsell", "value": 10, "currency": "EUR", **more}
    return make("route", **{"expected_close_on": TODAY, **more})


def _cycle(account: Account, **more: Any) -> Any:
    return make("renewal_cycle", **{"account": account, "renewal_date": TODAY, "arr_up": 100, **more})


def _items(account: Account, arr: int) -> Any:
    contract = _contract(account)
    return make("contract_item", contract=contract, product=make("product", name=f"Trace {arr}"), arr=arr)


Case = tuple[str, Callable[[Account], Any], Callable[[Account], Any]]
CASES: list[Case] = [
    ("account-domain", lambda a: None, lambda a: _update(a, domain="forge")),
    ("account-live", lambda a: _update(a, go_live_on=TODAY, renewal_date=TODAY), lambda a: _update(a, go_live_on=TODAY, renewal_date=_past(1))),
    ("account-currency", lambda a: _update(a, currency="USD"), lambda a: _update(a, currency="CHF")),
    ("account-owner", lambda a: _update(a, owner=make_user("here")), lambda a: _update(a, owner=_gone(a))),
    ("account-arr", lambda a: _contract(a, arr=105), lambda a: _contract(a, arr=106)),
    ("account-renewal", lambda a: (_cycle(a), _update(a, renewal_date=TODAY)), lambda a: (_cycle(a), _update(a, renewal_date=_past(1)))),
    ("account-renewed", lambda a: _update(a, renewal_date=TODAY), lambda a: _update(a, renewal_date=_past(1))),
    ("account-health", lambda a: make("health_snapshot", account=a, on=_past(30), delivery="green", relationship="green"), lambda a: make("health_snapshot", account=a, on=_past(31), delivery="green", relationship="green")),
    ("account-sponsor", lambda a: _update(a, customer_sponsor=make("contact", account=a, name="Ada")), lambda a: _update(a, customer_sponsor=_departed(a))),
    ("account-has-region", lambda a: _update(a, region="EMEA"), lambda a: None),
    ("contact-email", lambda a: make("contact", account=a, name="Ada", email="ada@forge.example"), lambda a: _update(make("contact", account=a, name="Ada"), email="ada at forge")),
    ("contact-phone", lambda a: make("contact", account=a, name="Ada", phone="+49 (0)711 123-456 ext. 7"), lambda a: make("contact", account=a, name="Ada", phone="ask reception")),
    ("contact-domain", lambda a: make("contact", account=a, name="Ada", email="ada@plant.forge.example"), lambda a: make("contact", account=a, name="Ada", email="ada@anvil.example")),
    ("contact-boss", lambda a: make("contact", account=a, name="Ada", reports_to=make("contact", account=a, name="Bo")), lambda a: make("contact", account=a, name="Ada", reports_to=_departed(a))),
    ("contact-touch", lambda a: make("contact", account=a, name="Ada", touch_days=10, last_touch_on=_past(10)), lambda a: make("contact", account=a, name="Ada", touch_days=10, last_touch_on=_past(11))),
    ("contact-has-title", lambda a: make("contact", account=a, name="Ada", title="CIO"), lambda a: make("contact", account=a, name="Ada")),
    ("route-value", lambda a: _route(a), lambda a: _route(a, value=0)),
    ("route-close", lambda a: _route(a), lambda a: _update(_route(a), expected_close_on=_past(1))),
    ("route-date", lambda a: _route(a), lambda a: _update(_route(a), expected_close_on=_past(1))),
    ("route-currency", lambda a: _route(a, currency="USD"), lambda a: _route(a, currency="CHF")),
    ("route-account", lambda a: _route(a), lambda a: (_route(a), _update(a, status="churned"))),
    ("route-product", lambda a: _route(a, product=make("product", name="Trace")), lambda a: _route(a, product=make("product", name="Guard", active=False))),
    ("route-has-product", lambda a: _route(a, product=make("product", name="Trace")), lambda a: _route(a)),
    ("contract-arr", lambda a: _contract(a), lambda a: _contract(a, arr=0)),
    ("contract-currency", lambda a: _contract(a, currency="USD"), lambda a: _contract(a, currency="CHF")),
    ("contract-items", lambda a: _items(a, 105), lambda a: _items(a, 106)),
    ("renewal-contract", lambda a: _cycle(a, contract=_contract(a, end_on=TODAY)), lambda a: _update(_cycle(a, contract=_contract(a, end_on=TODAY)), renewal_date=_past(1))),
    ("renewal-late", lambda a: _cycle(a), lambda a: _update(_cycle(a), renewal_date=_past(1))),
    ("renewal-signed", lambda a: _cycle(a), lambda a: _update(_cycle(a), signed_on=TODAY)),
    ("reading-margin", lambda a: _reading(a, 90), lambda a: _reading(a, -10.5)),
    ("reading-margin", lambda a: _reading(a, -10), lambda a: _reading(a, 90.5)),
    ("reading-future", lambda a: _reading(a, 20), lambda a: _reading(a, 20, TODAY + timedelta(days=1))),
    ("kpi-fresh", lambda a: _kpi(a, current_on=_past(47)), lambda a: _kpi(a, current_on=_past(48))),
    ("kpi-unit", lambda a: _kpi(a), lambda a: _kpi(a, unit="days")),
    ("kpi-direction", lambda a: _kpi(a), lambda a: _kpi(a, direction="increase")),
    ("metric-has-owner", lambda a: _update(_kpi(a).metric, owner=make_user("here")), lambda a: _kpi(a)),
    ("goal-due", lambda a: _goal(a), lambda a: _update(_goal(a), start_on=_past(9), due_on=_past(1))),
    ("action-due", lambda a: make("action", account=a, title="Call", due_on=TODAY), lambda a: make("action", account=a, title="Call", due_on=_past(1))),
    ("goal-check-in", lambda a: _update(_goal(a), start_on=_past(30)), lambda a: _update(_goal(a), start_on=_past(31))),
    ("action-late", lambda a: make("action", account=a, title="Call", due_on=TODAY), lambda a: make("action", account=a, title="Call", due_on=_past(1))),
    ("risk-reviewed", lambda a: _update(_risk(a), reviewed_on=_past(92)), lambda a: _update(_risk(a), reviewed_on=_past(93))),
    ("play-late", lambda a: _play(a), lambda a: _update(_play(a), start_on=_past(9), due_on=_past(1))),
    ("play-due", lambda a: _play(a), lambda a: _update(_play(a), start_on=_past(9), due_on=_past(1))),
]  # fmt: skip


def _risk(account: Account) -> Any:
    return make("risk", account=account, title="Strike", likelihood=3, impact=3)


def _play(account: Account) -> Any:
    return make("play", account=account, title="Save", horizon=30, start_on=TODAY, due_on=TODAY)


@pytest.mark.parametrize(("key", "good", "bad"), CASES, ids=[case[0] for case in CASES])
def test_a_check_finds_what_is_wrong_and_nothing_else(
    account: Account, key: str, good: Callable[[Account], Any], bad: Callable[[Account], Any]
) -> None:
    good(account)
    assert counted(measure(system()))[key] == (0, 1)
    other = make("account", name="Anvil", currency="EUR", arr=100, domain="anvil-works.example")
    bad(other)
    assert counted(measure(system()))[key] == (1, 2)
    check, rows = failing(system(), key)
    record = rows.get()
    assert registry.get(check.record).account_of(record) == other.pk or check.record == "metric"


def test_records_that_are_over_or_of_customers_that_left_do_not_count(account: Account) -> None:
    _cycle(account, state="lapsed")
    _update(_goal(account), status="cancelled", start_on=_past(9), due_on=_past(1))
    make("contact", account=account, name="Ada", status="moved")
    make("contact", account=make_account("Left", status="churned"), name="Bo")
    told = counted(measure(system()))
    assert told["renewal-late"][1] == told["goal-due"][1] == told["contact-has-title"][1] == 0
    assert told["account-has-region"][1] == 1


MANDATORY = [
    "account.owner", "account.tier", "account.region", "account.industry", "account.currency", "account.arr",
    "account.renewal_date", "contact.title", "contact.seniority", "contact.buying_role", "contact.email",
    "contact.owner", "route.owner", "route.value", "route.expected_close_on", "route.product", "contract.ref",
    "contract.start_on", "contract.end_on", "contract.arr", "renewal_cycle.owner", "renewal_cycle.arr_up",
    "kpi.owner", "kpi.baseline", "kpi.target", "kpi.source", "metric.owner", "metric.source", "goal.owner",
    "goal.baseline", "goal.target", "goal.due_on", "play.owner", "play.due_on", "action.owner", "action.due_on",
    "risk.owner", "risk.mitigation",
]  # fmt: skip


def test_each_mandatory_field_is_a_check_that_is_switched_by_itself() -> None:
    shipped = rule_named("book.quality.score").in_force(TODAY, None, None).parameters.to_json()["mandatory"]
    assert [name for name, wanted in shipped.items() if wanted] == MANDATORY
    every = set(catalogue().having(shipped))
    for name in MANDATORY:
        key = name.replace(".", "-has-").replace("_", "-")
        assert every - set(catalogue().having(shipped | {name: 0})) == {key}


def test_a_mandatory_field_may_be_switched_off(account: Account, cast: Cast) -> None:
    changes = {"mandatory": {"account.region": 0}}
    save(as_user(cast.admin), rule_named("book.quality.score"), Target(), changes, reason="One region only")
    assert "account-has-region" not in counted(measure(system()))


def test_duplicates_take_from_uniqueness(account: Account) -> None:
    make("account", name="Forge AG", currency="EUR", domain="forge.example")
    assert counted(measure(system()))["account-twin"] == (1, 2)
    _route(account)
    _route(account, title="PREDICT")
    assert counted(measure(system()))["route-twin"] == (1, 2)


# -- over days, who sees it, pages ---------------------------------------------------------------------------------


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def _accounts() -> Scored:
    return next(one for one in measure(system()).domains if one.domain.key == "accounts")


def test_a_dimension_turns_amber_on_its_second_day(account: Account) -> None:
    assert _accounts().days["completeness"] is None
    assert _accounts().result.band == "unknown"
    keep(_past(1), {"accounts": {"completeness": (0, 100)}})
    assert _accounts().days["completeness"] == 1
    assert _accounts().result.details["amber"] == []
    keep(_past(1), {"accounts": {"completeness": (6, 100)}})
    assert _accounts().days["completeness"] == 2
    assert _accounts().result.band == "amber"
    keep(_past(2), {"accounts": {"completeness": (5, 100)}})
    assert _accounts().days["completeness"] == 2, "95 % is enough"


def test_what_the_last_night_found_stands_for_duplicates(account: Account) -> None:
    keep(_past(1), {"accounts": {"uniqueness": (3, 40)}})
    found = measure(system())
    assert counted(found)["account-twin"] == (3, 40)
    assert counted(measure(system(), {"region": "none"}))["account-twin"] == (0, 1)
    keep(_past(1), {"accounts": {"uniqueness": (3, 40)}})
    QualityReading.objects.update(on=_past(2))
    assert counted(measure(system()))["account-twin"] == (0, 1)


def test_nights_keep_one_reading_a_day_and_drop_old_ones(account: Account) -> None:
    keep(_past(401), {"accounts": {"completeness": (1, 2)}})
    assert keep_quality(system()) == keep_quality(system()) == 30
    assert QualityReading.objects.count() == 30
    assert QualityReading.objects.get(domain="accounts", dimension="uniqueness").checked == 1


def test_people_see_the_quality_of_their_accounts_alone(cast: Cast) -> None:
    make("contact", account=cast.account, name="Ada")
    mine, theirs = (counted(measure(as_user(user))) for user in (cast.owner, cast.outsider))
    assert mine["contact-has-title"] == (1, 1)
    assert theirs["contact-has-title"] == (0, 0)
    assert failing(as_user(cast.outsider), "contact-has-title")[1].count() == 0
    assert counted(measure(system(), {"owner": "tim"}))["contact-has-title"] == (0, 0)
    assert any("whole book" in note for note in Api(cast.owner).get("/quality").json()["notes"])
    with pytest.raises(NotFound):
        failing(system(), "no-such")


def test_pages_lead_to_the_records_and_files_hold_them(cast: Cast, browser: Client) -> None:
    contact = make("contact", account=cast.account, name="Ada Finke")
    text = browser.get("/book/quality").content.decode()
    assert "Title is missing" in text
    assert "/book/quality/checks/contact-has-title" in text
    rows = browser.get("/book/quality/checks/contact-has-title").content.decode()
    assert "Ada Finke" in rows
    assert f"/r/contact/{contact.pk}/cell/title" in rows
    assert "/bulk/contact/title" in rows
    services.update(system(), registry.get("contact"), contact.pk, {"title": "CIO"})
    assert "Nothing fails" in browser.get("/book/quality/checks/contact-has-title").content.decode()
    lines = browser.get("/book/quality/export/csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("As of,Domain,Dimension")
    answer: Any = browser.get("/book/quality/checks/account-has-region/export/xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert [row[1] for row in sheet.iter_rows(values_only=True)] == ["Account", cast.account.name]


@pytest.fixture
def browser(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.owner)
    return client


def test_the_number_of_queries_does_not_grow(account: Account) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            measure(system())
            feeds_of(system())
            owning(system())
        return len(captured)

    before = queries()
    for number in range(5):
        other = make("account", name=f"Plant {number}", currency="EUR")
        _kpi(other)
        _route(other, title=f"Route {number}", owner=make_user(f"user{number}"))
    assert queries() <= before + 1, "people are looked up once any of them owns anything"


# -- feeds ---------------------------------------------------------------------------------------------------------


def _read(account: Account, key: str, age: int, source: str = "Warehouse") -> None:
    metric = Metric.objects.get(key=key, account=None)
    on = _past(age)
    Observation.objects.create(
        account=account, metric=metric, value=50, on=on, source=source, created_at=NOW, updated_at=NOW
    )


def test_a_metric_is_late_past_the_days_of_its_rhythm(account: Account) -> None:
    far = make_account("Far away", currency="EUR")
    Metric.objects.filter(key="active_seat_pct").update(refresh="weekly")
    _read(account, "active_seat_pct", 30)
    _read(far, "active_seat_pct", 31, "Telemetry")
    [feed] = feeds_of(system()).feeds
    assert (feed.limit, feed.fresh, feed.stale, feed.every, feed.age, feed.silent) == (30, 1, 1, 2, 30, False)
    _, [line] = late_lines(system(), feed.metric.pk)
    assert (line.account["name"], line.age, line.reading.source) == ("Far away", 31, "Telemetry")
    assert [(one.name, one.metrics, one.late) for one in feeds_of(system()).sources] == [("Telemetry", 1, 1)]
    assert feeds_of(system(), {"group": far.key}).feeds[0].silent


def test_an_agreed_metric_without_a_reading_is_late(account: Account, cast: Cast) -> None:
    kpi = _kpi(account)
    found = next(feed for feed in feeds_of(system()).feeds if feed.metric.pk == kpi.metric_id)
    assert (found.never, found.newest, found.silent) == ([account.pk], None, True)
    assert feeds_of(as_user(cast.outsider)).feeds == []
    with pytest.raises(NotFound):
        late_lines(as_user(cast.outsider), kpi.metric_id)


# -- owners and handing over ---------------------------------------------------------------------------------------


def test_owners_are_counted_with_what_is_open(cast: Cast) -> None:
    _route(cast.account, owner=cast.teammate)
    _update(_route(cast.account, title="Lost", owner=cast.teammate), state="lost")
    _route(cast.account, title="Loose", owner=None)
    found = {one.person.username if one.person else None: one.counts for one in owning(as_user(cast.owner))}
    assert found["tim"]["route"] == 1
    assert found[None]["route"] == 1
    User.objects.filter(pk=cast.teammate.pk).update(active=False)
    first = owning(as_user(cast.owner))[0]
    assert (first.person, first.gone) == (cast.teammate, True)
    assert owning(as_user(cast.outsider)) == []
    assert {"account", "route", "play", "action", "scorecard_line", "scorecard_breach", "wave"} <= set(kinds())


def test_a_handover_is_seen_first_and_taken_back_whole(cast: Cast) -> None:
    ctx = as_user(cast.owner)
    mine = _route(cast.account, owner=cast.owner)
    task = make("action", account=cast.account, title="Call", owner=cast.owner, due_on=TODAY)
    plan = planned(ctx, cast.owner, cast.teammate, ["account", "route", "action"])
    assert plan.count == 3
    mine.refresh_from_db()
    assert mine.owner_id == cast.owner.pk
    done = hand_over(ctx, plan)
    assert done.counts == {"route": 1, "action": 1, "account": 1}, (
        "accounts go last: with them sight of the rest is lost"
    )
    for record in (mine, task, cast.account):
        record.refresh_from_db()
        assert record.owner_id == cast.teammate.pk
    assert Change.objects.filter(batch=done.batch).count() == 3
    undo_batch(system(), done.batch)
    mine.refresh_from_db()
    assert mine.owner_id == cast.owner.pk


def test_a_handover_may_keep_to_some_accounts(cast: Cast) -> None:
    other = make_account("Far away", owner=cast.owner)
    _route(cast.account, owner=cast.owner)
    _route(other, title="There", owner=cast.owner)
    plan = planned(system(), cast.owner, cast.teammate, ["account", "route"], [other.pk])
    assert [(part.kind.rtype.name, len(part.rows)) for part in plan.parts] == [("account", 1), ("route", 1)]


def test_a_handover_refuses_what_makes_no_sense(cast: Cast) -> None:
    ctx = as_user(cast.owner)
    User.objects.filter(pk=cast.teammate.pk).update(active=False)
    gone = User.objects.get(pk=cast.teammate.pk)
    for giver, taker, types in (
        (cast.owner, cast.owner, []),
        (cast.owner, gone, []),
        (cast.owner, None, []),
        (None, cast.owner, ["dashboard"]),
    ):
        with pytest.raises(Invalid):
            planned(ctx, giver, taker, types)
    with pytest.raises(Forbidden):
        planned(as_user(cast.facilitator), cast.owner, cast.admin)


def test_the_api_tells_and_hands_over(cast: Cast) -> None:
    _route(cast.account, owner=cast.owner)
    api = Api(cast.owner)
    told = api.get("/quality").json()
    assert {one["key"] for one in told["domains"]} == set(catalogue().domains)
    rows = api.get("/quality/checks/route-has-product").json()
    assert (rows["count"], rows["items"][0]["account"]) == (1, cast.account.key)
    assert api.get("/quality/feeds").json()["feeds"] == []
    assert {one["user"] for one in api.get("/quality/owners").json()["people"]} >= {"katrin"}
    body = {"from": "katrin", "to": "tim", "types": ["route"], "accounts": [cast.account.key]}
    assert api.post("/quality/handover", body | {"dry_run": True}).json()["count"] == 1
    assert Route.objects.get().owner_id == cast.owner.pk
    done = api.post("/quality/handover", body).json()
    assert (done["counts"], Route.objects.get().owner_id) == ({"route": 1}, cast.teammate.pk)
    assert api.post(f"/quality/handover/{done['batch']}/undo", {}).json()["count"] == 1
    assert Route.objects.get().owner_id == cast.owner.pk
    problem(api.get("/quality/checks/no-such"), 404)
    problem(api.post("/quality/handover", {"from": "katrin", "to": "nobody-here"}), 404)
    problem(api.post("/quality/handover", {"to": "tim"}), 422)
    problem(api.post("/quality/handover", body | {"types": "route"}), 422)
    problem(Api(cast.facilitator).post("/quality/handover", body), 403)


def test_one_steward_a_domain(cast: Cast) -> None:
    make("data_steward", domain="accounts", person=cast.teammate)
    with pytest.raises(Invalid):
        make("data_steward", domain="accounts", person=cast.owner)
    assert Api(cast.owner).get("/quality").json()["domains"][0]["steward"] == "tim"
    client = Client()
    client.force_login(cast.owner)
    assert "Tim" in client.get("/book/quality").content.decode()


def test_what_stays_too_low_stands_on_the_day_of_its_steward(cast: Cast) -> None:
    make("data_steward", domain="routes", person=cast.owner)
    people = {cast.owner.pk}
    keep(_past(1), {"routes": {"accuracy": (1, 10)}})
    assert alarms(people, TODAY) == [], "one night is no reason"
    keep(_past(2), {"routes": {"accuracy": (1, 10)}})
    [one] = alarms(people, TODAY)
    assert (one.label, one.dimension, int(one.share), one.days) == ("Routes", "Accuracy", 90, 2)
    assert alarms({cast.teammate.pk}, TODAY) == []
    keep(TODAY, {"routes": {"accuracy": (0, 10)}})
    assert alarms(people, TODAY) == []
