"""Who may do what: every operation of the OpenAPI document stands in the table below and is walked in every role."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction

from tests.delivery.api.client import Api, problem
from tests.delivery.api.world import World
from tests.factories import NOW, Cast, make, make_account, make_user, system
from trackline.accounts.models import RelationshipLine
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.accounts.services import change_setting
from trackline.delivery.api.document import document
from trackline.delivery.api.main import api as assembled
from trackline.kit.records.types import RecordType, registry
from trackline.track.models import PainPoint, Wave

WRITE = "track:write"
ADMIN = "track:admin"

# Reading takes track:read everywhere. What making, changing, deleting and restoring takes:
WRITES = {
    "users": ADMIN,
    "accounts": WRITE,
    "business-units": WRITE,
    "contacts": WRITE,
    "team-members": WRITE,
    "metrics": WRITE,
    "kpis": WRITE,
    "observations": WRITE,
    "health-snapshots": WRITE,
    "journey-dimensions": ADMIN,
    "journey-scores": WRITE,
    "issues": WRITE,
    "notes": WRITE,
    "plan-sections": WRITE,
    "plan-suggestions": WRITE,
    "risks": WRITE,
    "interactions": WRITE,
    "waves": WRITE,
    "survey-rounds": WRITE,
    "value-gaps": WRITE,
    "pilots": WRITE,
    "data-sources": WRITE,
    "checklist-answers": WRITE,
    "responses": WRITE,
    "relationship-lines": WRITE,
    "pain-points": WRITE,
    "pain-point-votes": WRITE,
    "competitors": WRITE,
    "competitor-sightings": WRITE,
    "competitive-positions": WRITE,
    "survey-cases": WRITE,
    "customer-priorities": WRITE,
    "objectives": WRITE,
    "key-results": WRITE,
    "goals": WRITE,
    "check-ins": WRITE,
    "value-outcomes": WRITE,
    "business-cases": WRITE,
    "cash-flows": WRITE,
    "products": WRITE,
    "projects": WRITE,
    "pipelines": ADMIN,
    "stages": ADMIN,
    "contracts": WRITE,
    "contract-items": WRITE,
    "renewal-cycles": WRITE,
    "routes": WRITE,
    "qualifications": WRITE,
    "whitespace-cells": WRITE,
    "assignments": WRITE,
    "agendas": ADMIN,
    "playbooks": ADMIN,
    "plays": WRITE,
    "steps": WRITE,
    "cadences": WRITE,
    "meetings": WRITE,
    "decisions": WRITE,
    "actions": WRITE,
    "sponsorships": WRITE,
    "execution-metrics": WRITE,
    "execution-readings": WRITE,
    "alerts": WRITE,
    "scoring-models": ADMIN,
    "scoring-scenarios": WRITE,
    "booking-targets": ADMIN,
    "data-stewards": ADMIN,
    "initiatives": WRITE,
    "scorecards": WRITE,
    "scorecard-lines": WRITE,
    "scorecard-breaches": WRITE,
    "dashboards": WRITE,
    "stand-up-entries": WRITE,
    "tier-decisions": WRITE,
    "tier-overrides": WRITE,
    "share-links": WRITE,
    "account-plans": WRITE,
    "plan-versions": WRITE,
    "review-freezes": WRITE,
    "deck-templates": ADMIN,
    "review-decks": WRITE,
    "plan-sign-offs": WRITE,
}
OWNED = {("plan-sections", "DELETE")}
"""What is done by the owner of a record, the owner of its account and administrators alone."""
READ_ONLY_OPERATIONS = {("GET", ""), ("GET", "/{id}"), ("GET", "/{id}/history")}
WRITING_OPERATIONS = {("POST", ""), ("PATCH", "/{id}"), ("DELETE", "/{id}"), ("POST", "/{id}/restore")}
SPECIAL: dict[tuple[str, str], str | None] = {
    ("GET", "/me"): None,
    ("GET", "/accounts/{id}/complete"): "track:read",
    ("GET", "/accounts/{id}/completeness"): "track:read",
    ("GET", "/accounts/{id}/timeline"): "track:read",
    ("GET", "/accounts/{id}/rollup"): "track:read",
    ("GET", "/accounts/{id}/group"): "track:read",
    ("GET", "/accounts/{id}/value"): "track:read",
    ("GET", "/accounts/{id}/plan"): "track:read",
    ("GET", "/accounts/{id}/review"): "track:read",
    ("GET", "/accounts/{id}/briefs/{kind}"): "track:read",
    ("GET", "/portfolio/accuracy"): "track:read",
    ("GET", "/portfolio/at-risk"): "track:read",
    ("GET", "/portfolio/report"): "track:read",
    ("GET", "/business-cases/{id}/result"): "track:read",
    ("GET", "/accounts/{id}/metrics/{metric}/control-chart"): "track:read",
    ("GET", "/accounts/{id}/scores"): "track:read",
    ("GET", "/accounts/{id}/scores/{rule}"): "track:read",
    ("GET", "/accounts/{id}/scores/{rule}/changes"): "track:read",
    ("GET", "/objectives/{id}/contributions"): "track:read",
    ("GET", "/routes/{id}/gate"): "track:read",
    ("GET", "/routes/{id}/qualification"): "track:read",
    ("GET", "/accounts/{id}/whitespace"): "track:read",
    ("POST", "/accounts/{id}/whitespace/route"): WRITE,
    ("POST", "/routes/{id}/advance"): WRITE,
    ("POST", "/cadences/{id}/schedule"): WRITE,
    ("POST", "/meetings/{id}/capture"): WRITE,
    ("GET", "/meetings/{id}/preparation"): "track:read",
    **{
        ("POST", f"/alerts/{{id}}/{verb}"): WRITE
        for verb in ("acknowledge", "diagnose", "escalate", "close", "dismiss", "play")
    },
    ("GET", "/playbooks/{id}/plan"): "track:read",
    ("GET", "/plays/{id}/checks"): "track:read",
    ("GET", "/plays/{id}/move"): "track:read",
    ("POST", "/plays/{id}/move"): WRITE,
    ("POST", "/observations/bulk"): WRITE,
    ("GET", "/account-plans/{id}/gate"): "track:read",
    ("POST", "/account-plans/{id}/move"): WRITE,
    ("GET", "/review-freezes/{id}/review"): "track:read",
    ("GET", "/meetings/{id}/summary"): "track:read",
    ("POST", "/meetings/{id}/summary"): WRITE,
    ("POST", "/deck-files"): ADMIN,
    ("GET", "/deck-files/{file}"): "track:read",
    ("GET", "/plan-versions/{id}/plan"): "track:read",
    ("GET", "/plan-versions/{id}/difference"): "track:read",
    ("POST", "/share-links/{id}/address"): WRITE,
    ("PUT", "/share-links/{id}/password"): WRITE,
    ("GET", "/share-links/{id}/visits"): "track:read",
    ("GET", "/share-attempts"): ADMIN,
    ("GET", "/rules"): "track:read",
    ("GET", "/rules/{id}"): "track:read",
    ("POST", "/rules/{id}/run"): "track:read",
    ("GET", "/rules/{id}/overrides"): "track:read",
    ("POST", "/rules/{id}/overrides"): ADMIN,
    ("POST", "/rules/{id}/preview"): ADMIN,
    ("POST", "/rules/{id}/past"): ADMIN,
    ("POST", "/scoring-models/preview"): ADMIN,
    ("POST", "/scoring-models/{id}/sign"): "track:read",
    ("POST", "/scoring-models/{id}/unsign"): "track:read",
    ("GET", "/rules/{id}/feeds"): "track:read",
    ("PUT", "/rules/{id}/feeds"): ADMIN,
    ("POST", "/rules/{id}/feeds/preview"): ADMIN,
    ("GET", "/kpi-library"): "track:read",
    ("GET", "/kpi-library/{code}"): "track:read",
    ("POST", "/kpi-library/{code}/adopt"): ADMIN,
    ("GET", "/portfolio/score"): "track:read",
    ("GET", "/portfolio/by-size"): "track:read",
    ("GET", "/portfolio/forecast"): "track:read",
    ("GET", "/portfolio/pipeline"): "track:read",
    ("GET", "/portfolio/retention"): "track:read",
    ("GET", "/portfolio/renewals"): "track:read",
    ("GET", "/dashboard-tiles"): "track:read",
    ("GET", "/dashboards/{id}/figures"): "track:read",
    ("GET", "/dashboards/{id}/tiles/{tile}/rows"): "track:read",
    ("POST", "/dashboards/{id}/copy"): WRITE,
    ("GET", "/portfolio/tiers"): "track:read",
    ("GET", "/portfolio/whitespace"): "track:read",
    ("GET", "/quality"): "track:read",
    ("GET", "/quality/checks/{key}"): "track:read",
    ("GET", "/quality/feeds"): "track:read",
    ("GET", "/quality/owners"): "track:read",
    ("POST", "/quality/handover"): WRITE,
    ("POST", "/quality/handover/{batch}/undo"): WRITE,
    ("GET", "/portfolio/readiness"): "track:read",
    ("GET", "/portfolio/backtest"): "track:read",
    ("GET", "/portfolio/backtests"): "track:read",
    ("GET", "/scoring-scenarios/{id}/effect"): "track:read",
    ("POST", "/scoring-scenarios/preview"): "track:read",
    ("GET", "/portfolio/initiatives"): "track:read",
    ("GET", "/portfolio/scorecards"): "track:read",
    ("GET", "/scorecards/{id}/result"): "track:read",
    ("POST", "/scorecards/standard"): WRITE,
    ("POST", "/scorecard-breaches/{id}/answer"): WRITE,
    ("GET", "/accounts/{id}/tier-tests"): "track:read",
    ("GET", "/kpis/{id}/trust"): "track:read",
    ("GET", "/duplicates"): "track:read",
    ("POST", "/duplicates/apart"): WRITE,
    ("POST", "/accounts/{id}/merge"): WRITE,
    ("POST", "/contacts/{id}/merge"): WRITE,
    ("POST", "/merges/{batch}/undo"): WRITE,
    ("GET", "/survey-rounds/{id}/plan"): "track:read",
    ("GET", "/survey-rounds/{id}/result"): "track:read",
    ("POST", "/survey-rounds/{id}/send"): WRITE,
    ("POST", "/survey-rounds/{id}/remind"): WRITE,
    ("POST", "/survey-rounds/{id}/close"): WRITE,
    ("GET", "/accounts/{id}/discovery"): "track:read",
    ("GET", "/accounts/{id}/checklists"): "track:read",
    ("GET", "/accounts/{id}/survey-summary"): "track:read",
}
INSIDE = ("owner", "teammate", "admin")


def table() -> dict[tuple[str, str], str | None]:
    """Return what each operation takes, by method and path."""
    found = dict(SPECIAL)
    for resource, permission in WRITES.items():
        found |= {(method, f"/{resource}{path}"): "track:read" for method, path in READ_ONLY_OPERATIONS}
        found |= {(method, f"/{resource}{path}"): permission for method, path in WRITING_OPERATIONS}
    return found


def test_every_operation_stands_in_the_table_with_what_it_takes() -> None:
    documented = {
        (method.upper(), path.removeprefix("/api/v1")): details.get("x-permission")
        for path, methods in document(assembled)["paths"].items()
        for method, details in methods.items()
    }
    assert documented == table()


def attempt(api: Api, method: str, path: str, body: Any = None) -> Any:
    """Call and take back what it did."""
    with transaction.atomic():
        response = api.call(method, path, body)
        transaction.set_rollback(True)
    return response


def require_answer(answered: Any, resource: str, method: str, role: str) -> None:
    """Assert that somebody inside got what their role may do with a record."""
    if WRITES[resource] == ADMIN and role != "admin":
        assert problem(answered, 403)["permission"] == ADMIN
    elif (resource, method) in OWNED and role == "teammate":
        assert problem(answered, 403)["rule"] == "PERM-09"
    else:
        assert answered.status_code in (200, 201, 204), (role, method, answered.content)


@pytest.mark.parametrize("resource", WRITES)
def test_each_role_on_a_record(world: World, cast: Cast, resource: str) -> None:
    rtype = registry.by_resource(resource)
    assert rtype is not None
    body = world.body(rtype)
    record = {"id": world.ids["account"]} if rtype.is_account else world.make(rtype)
    fresh = body | _unlike(rtype)
    one = f"/{resource}/{record['id']}"
    reads = [("GET", f"/{resource}", None), ("GET", one, None), ("GET", f"{one}/history", None)]
    writes = [
        ("POST", f"/{resource}", fresh), ("PATCH", one, {}), ("POST", f"{one}/restore", None), ("DELETE", one, None),
    ]  # fmt: skip
    calls = [*reads, *writes]
    for method, path, sent in calls:
        refused = attempt(Api(), method, path, sent)
        problem(refused, 401)
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    facilitator = Api(cast.facilitator)
    for method, path, sent in reads:
        assert attempt(facilitator, method, path, sent).status_code == 200
    for method, path, sent in writes:
        assert problem(attempt(facilitator, method, path, sent), 403)["permission"] == WRITES[resource]
    for role in INSIDE:
        person = Api(cast.everyone()[role])
        for method, path, sent in reads:
            assert attempt(person, method, path, sent).status_code == 200
        for method, path, sent in writes:
            answered = attempt(person, method, path, sent)
            require_answer(answered, resource, method, role)
    readers = (Api(cast.owner, "track:read"), Api(cast.admin, "track:read"))
    for narrow in readers:
        assert attempt(narrow, "GET", one).status_code == 200
        for method, path, sent in writes:
            assert problem(attempt(narrow, method, path, sent), 403)["permission"] == WRITES[resource]


@pytest.mark.parametrize("resource", WRITES)
def test_out_of_scope_an_account_and_all_under_it_does_not_exist(world: World, cast: Cast, resource: str) -> None:
    rtype = registry.by_resource(resource)
    assert rtype is not None
    record = {"id": world.ids["account"]} if rtype.is_account else world.make(rtype)
    outsider = Api(cast.outsider)
    one = f"/{resource}/{record['id']}"
    if rtype.account_of(rtype.model.objects.get(pk=record["id"])) is None:
        assert attempt(outsider, "GET", one).status_code == 200
        return
    for method, path, sent in (
        ("GET", one, None), ("GET", f"{one}/history", None), ("PATCH", one, {}), ("PATCH", one, {"nme": 1}), ("DELETE", one, None),
        ("POST", f"{one}/restore", None),
    ):  # fmt: skip
        hidden = problem(attempt(outsider, method, path, sent), 404)
        absent = problem(attempt(outsider, method, path.replace(f"/{record['id']}", "/987654"), sent), 404)
        assert hidden["detail"].replace(f" {record['id']}.", " 987654.") == absent["detail"]
    assert record["id"] not in [item["id"] for item in outsider.get(f"/{resource}?limit=200").json()["items"]]
    if not rtype.is_account:
        refused = problem(attempt(outsider, "POST", f"/{resource}", world.body(rtype)), 422)
        assert "There is no" in refused["detail"]


def test_an_objective_tells_of_accounts_in_scope_only(world: World, cast: Cast) -> None:
    objective = make("objective", title="Three outcomes")
    make("goal", account=cast.account, title="Scrap", baseline=0, target=9, current=3, objectives=[objective.pk])
    path = f"/objectives/{objective.pk}/contributions"
    problem(Api().get(path), 401)
    problem(Api(cast.owner).get("/objectives/999999/contributions"), 404)
    for role in (*INSIDE, "facilitator"):
        found = Api(cast.everyone()[role]).get(path).json()
        assert [one["key"] for one in found["accounts"]] == [cast.account.key]
        assert (round(found["progress_pct"], 1), found["active"], found["accounts"][0]["goals"][0]["title"]) == (
            33.3,
            1,
            "Scrap",
        )
    outside = Api(cast.outsider).get(path).json()
    assert (outside["accounts"], outside["progress_pct"], outside["active"]) == ([], None, 0)


def test_special_endpoints_keep_to_rights_and_scope(world: World, cast: Cast) -> None:
    route, alert, key = world.id_of("route"), world.id_of("alert"), cast.account.key
    cadence, meeting, link = world.id_of("cadence"), world.id_of("meeting"), world.id_of("share_link")
    rows = {"items": [{"account": key, "metric": "nps", "value": 40, "on": "2026-01-31"}]}
    cell = {name: world.id_of(name) for name in ("business_unit", "product")}
    refresh_scores([cast.account.pk], NOW.date())
    calls = {
        ("GET", f"/accounts/{key}/complete"): None,
        ("GET", f"/accounts/{key}/completeness"): None,
        ("GET", f"/accounts/{key}/timeline"): None,
        ("GET", f"/accounts/{key}/rollup"): None,
        ("GET", f"/accounts/{key}/group"): None,
        ("GET", f"/accounts/{key}/value"): None,
        ("GET", f"/accounts/{key}/discovery"): None,
        ("GET", f"/accounts/{key}/checklists"): None,
        ("GET", f"/accounts/{key}/survey-summary"): None,
        ("GET", f"/accounts/{key}/review"): None,
        ("GET", f"/accounts/{key}/briefs/tier"): None,
        ("GET", f"/business-cases/{world.id_of('business_case')}/result"): None,
        ("GET", f"/accounts/{key}/metrics/nps/control-chart"): None,
        ("GET", f"/accounts/{key}/scores"): None,
        ("GET", f"/accounts/{key}/scores/track.health.usage"): None,
        ("GET", f"/accounts/{key}/scores/track.health.usage/changes"): None,
        ("GET", f"/accounts/{key}/plan"): None,
        ("GET", f"/accounts/{key}/tier-tests?to=2"): None,
        ("GET", f"/kpis/{world.id_of('kpi')}/trust"): None,
        ("GET", f"/accounts/{key}/whitespace"): None,
        ("POST", f"/accounts/{key}/whitespace/route"): cell,
        ("GET", f"/routes/{route}/gate?to=won"): None,
        ("GET", f"/routes/{route}/qualification"): None,
        ("POST", f"/routes/{route}/advance"): {"to": "qualifying"},
        ("POST", f"/cadences/{cadence}/schedule"): {},
        ("POST", f"/meetings/{meeting}/capture"): {"kind": "action", "line": "Send it"},
        ("GET", f"/meetings/{meeting}/preparation"): None,
        ("POST", "/observations/bulk"): rows,
        ("POST", f"/alerts/{alert}/acknowledge"): {},
        ("POST", f"/alerts/{alert}/diagnose"): {"diagnosis": "No deputy"},
        ("POST", f"/alerts/{alert}/escalate"): {"to": str(cast.owner.pk)},
        ("POST", f"/alerts/{alert}/close"): {"verdict": "true_positive", "note": "Met the successor"},
        ("POST", f"/alerts/{alert}/dismiss"): {"reason": "Our own trainer asked"},
        ("POST", f"/alerts/{alert}/play"): {"title": "Win three contacts"},
        ("GET", f"/account-plans/{world.id_of('account_plan')}/gate?to=archived"): None,
        ("POST", f"/account-plans/{world.id_of('account_plan')}/move"): {
            "to": "archived",
            "note": "Part of the group plan",
        },
        ("GET", f"/review-freezes/{world.id_of('review_freeze')}/review"): None,
        ("GET", f"/plan-versions/{world.id_of('plan_version')}/plan"): None,
        ("GET", f"/plan-versions/{world.id_of('plan_version')}/difference"): None,
        ("POST", f"/share-links/{link}/address"): {},
        ("PUT", f"/share-links/{link}/password"): {"password": "between the two of us"},
        ("GET", f"/share-links/{link}/visits"): None,
        ("POST", f"/accounts/{key}/merge"): {
            "merged": str(make_account("Okada Mobility", owner=cast.owner, parent=cast.account).pk)
        },
        ("POST", f"/contacts/{world.id_of('contact')}/merge"): {
            "merged": str(make("contact", account=cast.account, name="James").pk)
        },
    }
    walked_elsewhere = (
        "/rules",
        "/portfolio",
        "/scoring-models/",
        "/kpi-library",
        "/dashboard",
        "/objectives",
        "/playbooks/",
        "/plays/",
        "/duplicates",
        "/deck-files",
        "/share-attempts",
        "/meetings/{id}/summary",
        "/merges/",
        "/survey-rounds/",
        "/scorecard",
        "/scoring-scenarios/",
        "/quality",
    )
    assert len(calls) + 1 == len([path for _, path in SPECIAL if not path.startswith(walked_elsewhere)])
    assert Api(cast.owner).call("POST", f"/share-links/{link}/address", {}).status_code == 200  # a password needs one
    for (method, path), body in calls.items():
        problem(attempt(Api(), method, path, body), 401)
        expected = 422 if "bulk" in path else 404
        problem(attempt(Api(cast.outsider), method, path, body), expected)
        for role in INSIDE:
            answered = attempt(Api(cast.everyone()[role]), method, path, body)
            assert answered.status_code in (200, 201, 204), (role, path, answered.content)
        answered = attempt(Api(cast.facilitator), method, path, body)
        assert answered.status_code == (200 if method == "GET" else 403)
    problem(Api().get("/me"), 401)
    seen = Api(cast.outsider).get("/me").json()
    assert (seen["username"], seen["account_scope"], seen["permissions"]) == ("olga", "team", ["track:read", WRITE])
    assert Api(cast.admin).get("/me").json()["account_scope"] == "all"


def test_nothing_of_a_hidden_account_leaks(world: World, cast: Cast) -> None:
    marker = "Zanzibar"
    hidden = make_account(f"{marker} Holding", owner=cast.admin, domain="zanzibar.example", tier=1)
    world.ids["account"] = str(hidden.pk)
    for name in [name for name in world.ids if name not in ("account", "user")]:
        del world.ids[name]
    for rtype in registry.all():
        if rtype.account and not rtype.is_account:
            title = rtype.specs.get(rtype.title)
            text = rtype.title if title and title.kind in ("text", "longtext") and not title.read_only else ""
            account = {"account": str(hidden.pk)} if "account" in rtype.specs else {}
            record = world.make(rtype, **account, **({text: f"{marker} {rtype.name}"} if text else {}))
            world.ids[rtype.name] = record["id"]
    mine = make_account("Mine", owner=cast.outsider, parent=hidden)
    make_account(f"{marker} below", owner=cast.admin, parent=mine)
    change_setting(system(), "perm.parent_teams_see_children", False)
    api = Api(cast.outsider)
    for rtype in registry.all():
        queries = ["", "&q=zanzibar", "&deleted=only"] if rtype.write_permission == WRITE else ["", "&q=zanzibar"]
        for name, spec in rtype.specs.items():
            if spec.kind == "ref" and registry.get(spec.target).account:
                queries += [f"&{name}={world.ids.get(spec.target, hidden.pk)}", f"&{name}__not=1"]
            if spec.target == "account":
                queries += [f"&{name}={hidden.key}"]
        for query in queries:
            content = api.get(f"/{rtype.resource}?limit=200{query}").content.decode()
            assert marker.lower() not in content.lower(), (rtype.resource, query, content)
    for path in ("", "/history", "/timeline", "/rollup", "/group", "/completeness"):
        assert marker not in api.get(f"/accounts/{mine.pk}{path}").content.decode()
    assert marker not in problem(api.delete(f"/accounts/{mine.pk}"), 409)["detail"]
    assert api.get(f"/accounts/{mine.pk}/rollup").json()["accounts"]["count"] == 1
    # The parent is hidden: it reads as null, is no filter, and survives the null coming back.
    assert api.get(f"/accounts/{mine.pk}").json()["parent"] is None
    assert api.get(f"/accounts?parent={hidden.pk}").json()["items"] == []
    assert api.patch(f"/accounts/{mine.pk}", {"parent": None, "tier": 2}).status_code == 200
    mine.refresh_from_db()
    assert mine.parent_id == hidden.pk
    problem(api.patch(f"/accounts/{mine.pk}", {"parent": str(hidden.pk)}), 422)
    Api(cast.admin).patch(f"/accounts/{mine.pk}", {"parent": None})
    changes = api.get(f"/accounts/{mine.pk}/history").json()["items"][0]["changes"]
    assert changes == [{"field": "parent", "from": None, "to": None}]


def test_who_deletes_an_account_brings_it_back(cast: Cast) -> None:
    for person in (cast.owner, cast.teammate):
        api, address = Api(person), f"/accounts/{cast.account.pk}"
        assert api.delete(address).status_code == 204
        assert [item["id"] for item in api.get("/accounts?deleted=only").json()["items"]] == [str(cast.account.pk)]
        assert api.post(f"{address}/restore").status_code == 200
        assert api.get(address).status_code == 200
    problem(Api(cast.facilitator).get("/accounts?deleted=only"), 403)


def test_secrets_of_people_are_never_shown(cast: Cast, admin: Api) -> None:
    for path in ("/users", f"/users/{cast.owner.pk}", "/users/katrin", "/me", f"/users/{cast.owner.pk}/history"):
        text = admin.get(path).content.decode()
        assert "password" not in text
        assert "preferences" not in text
    for field in ("password", "preferences", "roles", "is_superuser", "deleted_at", "version", "search_text", "path"):
        problem(admin.patch(f"/users/{cast.owner.pk}", {field: "x"}), 422)
        problem(admin.get(f"/users?{field}=x"), 400)
        problem(admin.get(f"/users?order={field}"), 400)


def test_people_without_roles_may_do_nothing_but_know_themselves(cast: Cast) -> None:
    user = make_user("nobody")
    api = Api(user)
    user.roles.clear()
    assert api.get("/me").json()["permissions"] == []
    for path in ("/accounts", "/users", f"/accounts/{cast.account.pk}"):
        assert problem(api.get(path), 403)["permission"] == "track:read"


def test_the_last_administrator_stays(cast: Cast, admin: Api) -> None:
    problem(admin.delete(f"/users/{cast.admin.pk}"), 409)
    problem(admin.patch(f"/users/{cast.admin.pk}", {"active": False}), 409)
    assert admin.delete(f"/users/{cast.outsider.pk}").status_code == 204


def test_a_deleted_person_cannot_call(cast: Cast, admin: Api) -> None:
    olga = Api(cast.outsider)
    admin.delete(f"/users/{cast.outsider.pk}")
    problem(olga.get("/me"), 401)


_OTHER: dict[str, dict[str, Any]] = {
    **{key: {"on": "2026-05-31"} for key in ("health_snapshot", "observation", "journey_score")},
    "execution_reading": {"period_start": "2026-01-01"},
    "booking_target": {"from_on": "2027-04-01"},
    "data_steward": {"domain": "plan"},
    "plan_section": {"section": "goals"},
    "stand_up_entry": {"week_on": "2026-01-05"},
    "customer_priority": {"rank": 2},
    "kpi": {"name": "Stock turns"},
    "scorecard_breach": {"state": "over"},
    "checklist_answer": {"item": "monitored"},
}
"""What a second record differs in, by type."""


def _unlike(rtype: RecordType) -> dict[str, Any]:
    """Return what makes a second record of a type that allows no twin."""
    if rtype.name in _OTHER:
        return _OTHER[rtype.name]
    if rtype.name in ("sponsorship", "team_member"):
        return {"sponsor" if rtype.name == "sponsorship" else "user": str(make_user("paula").pk)}
    if rtype.name == "response":
        return {"contact": str(make("contact", account=Wave.objects.get().account, name="Ines Alba").pk)}
    if rtype.name == "pain_point_vote":
        return {"contact": str(make("contact", account=PainPoint.objects.get().account, name="Ines Alba").pk)}
    if rtype.name == "relationship_line":
        return {"toward": str(make("contact", account=RelationshipLine.objects.get().account, name="Ines Alba").pk)}
    if rtype.name in ("competitive_position", "account_plan"):
        above = rtype.model.objects.get().account  # type: ignore[attr-defined]
        return {"account": str(make("account", name="Chooses alone", parent=above).pk)}
    if rtype.name in ("tier_decision", "tier_override"):
        above = rtype.model.objects.get().account  # type: ignore[attr-defined]
        return {"account": str(make("account", name="Decided alone", parent=above, tier=1).pk)}
    if rtype.name == "scorecard_line":
        return {"metric": str(make("metric", key="carded", name="Carded").pk)}
    if rtype.name == "whitespace_cell":
        return {"product": str(make("product", name="Control tower, hosted").pk)}
    unique = {"username": "paula", "key": "another", "name": "Another one", "email": "another@example.com"}
    return {name: value for name, value in unique.items() if name in json.loads(json.dumps(list(rtype.specs)))}


def test_shared_projects_are_seen_by_all_and_others_by_those_in_scope(cast: Cast) -> None:
    make("project", name="Ours")
    make("project", name="Theirs", account=cast.account)
    assert [item["name"] for item in Api(cast.outsider).get("/projects").json()["items"]] == ["Ours"]
    assert [item["name"] for item in Api(cast.owner).get("/projects").json()["items"]] == ["Ours", "Theirs"]


def test_a_cadence_out_of_scope_does_not_tell_its_account(cast: Cast) -> None:
    cadence = make("cadence", account=cast.account, name="Weekly", type="internal_sync", frequency="weekly")
    found = problem(Api(cast.outsider).post("/meetings", {"cadence": str(cadence.pk)}), 422)
    assert [error["loc"] for error in found["errors"]] == [["cadence"]]
