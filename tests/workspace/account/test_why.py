"""A score, opened: parts, sources of its inputs, what changed over a span, and its ledger."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from django.test import Client

from tests.factories import Cast
from tests.workspace.account.world import now_context, today
from trackline.accounts.models import Score, ScoreVersion
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.accounts.services.observations import record_observations
from trackline.workspace.queries.account.why import why_of

USAGE = "track.health.usage"
WORKED = {"active_seat_pct": 78, "core_features_used": 4, "nps_rating": 7.2, "targets_met_pct": 91, "tickets_open": 0}


def feed(cast: Cast, back: int, **values: float) -> None:
    on = (today() - timedelta(days=back)).isoformat()
    rows = [{"account": str(cast.account.pk), "metric": key, "on": on, "value": value} for key, value in values.items()]
    record_observations(now_context(), rows)


def worked(cast: Cast) -> None:
    feed(cast, 60, **WORKED)
    refresh_scores([cast.account.pk], today() - timedelta(days=50))
    feed(cast, 1, **WORKED | {"active_seat_pct": 30})


def test_the_span_compares_like_with_like(cast: Cast) -> None:
    worked(cast)
    why = why_of(cast.account, USAGE, today())
    assert (why.said, why.charted) == ("60", True)
    assert why.finding.startswith("75 → 60 since")
    assert [(part.label, part.change, part.cause) for part in why.moved] == [
        ("Product usage", -15, "its input changed"),
    ]
    assert why.rules_changed == []
    assert why_of(cast.account, USAGE, today(), span="30").before is not None


def test_figures_that_changed_in_between_are_told(cast: Cast) -> None:
    worked(cast)
    old = Score.objects.filter(account=cast.account, rule=USAGE).earliest("on")
    parameters = dict(ScoreVersion.objects.get(version=old.version).parameters)
    parameters["weights"] = parameters["weights"] | {"product_usage": 40}
    ScoreVersion.objects.create(version="old000000000", rule=USAGE, parameters=parameters, first_at=now_context().now)
    Score.objects.filter(pk=old.pk).update(version="old000000000")
    assert why_of(cast.account, USAGE, today()).rules_changed == [("Weights › Product usage", "40", "30")]


def test_the_page_names_readings_ages_and_causes(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    worked(cast)
    page = unescape(client.get(f"/accounts/{cast.account.key}/scores/{USAGE}").content.decode())
    reading = Score.objects.filter(account=cast.account, rule=USAGE).latest("on")
    pk = reading.inputs["active_seat_pct"]["observations"][0]
    assert f'data-panel="observation/{pk}"' in page
    assert "1 d old" in page
    assert "Reading: " in page
    assert re.search(r"version\s*<code\b", page)


def test_the_panel_opens_beside_and_any_rule_opens(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    refresh_scores([cast.account.pk], today())
    for rule in Score.objects.filter(account=cast.account).values_list("rule", flat=True):
        answer = client.get(f"/panel/score/{cast.account.pk}/{rule}", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert "What changed it" in answer.content.decode()
    assert client.get(f"/panel/score/{cast.account.pk}/{USAGE}").status_code == 302


def test_the_health_card_leads_to_the_why(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    worked(cast)
    page = client.get(f"/accounts/{cast.account.key}").content.decode()
    assert f'data-panel="score/{cast.account.pk}/{USAGE}"' in page
