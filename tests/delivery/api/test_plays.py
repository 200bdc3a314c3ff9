"""`/playbooks/{id}/plan`, `/plays/{id}/checks`, `/plays/{id}/move`: what a start makes, what records say, moving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.delivery.api.client import Api
from tests.factories import Cast
from trackline.choose.models import Play, Playbook


def started(cast: Cast, key: str, **more: Any) -> dict[str, Any]:
    body = {"account": str(cast.account.pk), "playbook": key, **more}
    found: dict[str, Any] = Api(cast.owner).made("/plays", body)
    return found


def test_a_plan_tells_days_owners_conflicts_and_checks(cast: Cast) -> None:
    on = timezone.localdate() + timedelta(days=100)
    path = f"/playbooks/kam_180/plan?account={cast.account.key}&anchor_on={on}"
    plan = Api(cast.facilitator).get(path).json()
    assert (plan["anchor_on"], len(plan["steps"])) == (str(on), 13)
    first, *_ = plan["steps"]
    assert first["conflicts"][0] == "past"
    assert first["check"]["says"].startswith("3 KPIs with baseline and target missing")
    sponsor = next(step for step in plan["steps"] if step["key"] == "T-75")
    assert (sponsor["owner_role"], sponsor["due_on"]) == ("sponsor", str(on - timedelta(days=75)))
    assert Play.objects.count() == 0


def test_a_plan_needs_an_account_and_a_real_day(cast: Cast) -> None:
    api = Api(cast.owner)
    for query in ("", f"?account={cast.account.pk}&anchor_on=soon", f"?account={cast.account.pk}&start=1"):
        assert api.get(f"/playbooks/kam_180/plan{query}").status_code == 400
    assert api.get("/playbooks/none/plan?account=1").status_code == 404
    assert Api(cast.outsider).get(f"/playbooks/kam_180/plan?account={cast.account.pk}").status_code == 404
    assert Api().get(f"/playbooks/kam_180/plan?account={cast.account.pk}").status_code == 401


def test_a_play_started_by_a_program_takes_owners_by_role(cast: Cast) -> None:
    play = started(cast, "multi-thread", owners={"sponsor": str(cast.teammate.pk)}, left_out=["chart"])
    steps = {step.key: step for step in Play.objects.get(pk=play["id"]).steps.all()}
    assert play["playbook_version"] == Playbook.objects.get(key="multi-thread").version
    assert steps["executive"].owner == cast.teammate
    assert steps["chart"].status == "skipped"
    wrong = Api(cast.owner).post(
        "/plays", {"account": str(cast.account.pk), "playbook": "save", "owners": {"sponsor": "none"}}
    )
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["loc"][-1] == "owners"


def test_checks_say_what_is_missing(cast: Cast) -> None:
    play = started(cast, "multi-thread")
    items = Api(cast.facilitator).get(f"/plays/{play['id']}/checks").json()["items"]
    says = {item["step"]: item["says"] for item in items}
    step = Play.objects.get(pk=play["id"]).steps.get(key="introduced")
    assert says[str(step.pk)] == "2 new contacts missing; has none."
    assert Api(cast.outsider).get(f"/plays/{play['id']}/checks").status_code == 404
    assert Api().get(f"/plays/{play['id']}/checks").status_code == 401


def test_moving(cast: Cast) -> None:
    on = timezone.localdate() + timedelta(days=100)
    play = started(cast, "am_90", anchor_on=str(on))
    to = on + timedelta(days=7)
    api = Api(cast.owner)
    seen = api.get(f"/plays/{play['id']}/move?to={to}").json()
    assert (seen["days"], len(seen["steps"]), seen["stay"]) == (7, 4, 0)
    moved = api.post(f"/plays/{play['id']}/move", {"to": str(to)})
    assert (moved.status_code, moved.json()["anchor_on"]) == (200, str(to))
    last = Play.objects.get(pk=play["id"]).steps.get(key="T-7")
    assert last.due_on == to - timedelta(days=7)
    for body in ({}, {"to": "soon"}, {"to": "2027-02-30"}, {"to": str(to), "why": "x"}):
        assert api.post(f"/plays/{play['id']}/move", body).status_code == 422
    assert Api(cast.facilitator).post(f"/plays/{play['id']}/move", {"to": str(to)}).status_code == 403
    assert Api(cast.outsider).post(f"/plays/{play['id']}/move", {"to": str(to)}).status_code == 404
    assert Api().post(f"/plays/{play['id']}/move", {"to": str(to)}).status_code == 401
    plain = Api(cast.owner).made("/plays", {"account": str(cast.account.pk), "title": "Call", "horizon": 30})
    assert api.get(f"/plays/{plain['id']}/move?to={to}").status_code == 409
