"""Pictures of section pages that show what rules find: on people, surveys, alerts, value, routes, renewal and rhythm."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from trackline.kit.policy import Context
from trackline.reveal.cases import results_of
from trackline.reveal.models import BusinessCase
from trackline.reveal.proof import proof_of
from trackline.reveal.rules.value import value_realization
from trackline.workspace.queries import acts
from trackline.workspace.queries.account import contracts as terms
from trackline.workspace.queries.account import people, reporting, tending, track
from trackline.workspace.queries.account.cards import churn, coverage, expansion, pipeline, renewal, survey
from trackline.workspace.queries.account.cards.score import metric_ids, newest_scores
from trackline.workspace.queries.account.competition import competition_page
from trackline.workspace.queries.account.execution import execution_rows
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.account.journey import SPANS as JOURNEY_SPANS
from trackline.workspace.queries.account.journey import journey_of
from trackline.workspace.queries.account.needs import listening_page, needs_page
from trackline.workspace.queries.account.value import value_page
from trackline.workspace.queries.playing import start_url
from trackline.workspace.views.account_columns import case_columns, value_columns

Drawn = dict[str, Any]


def contacts(request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return power grid, needs, coverage and the lines between people; `?axis=interest` turns the grid, `?draw=` says
    what dragging draws, `?unfold=` which long list is shown whole."""
    scores = newest_scores(head.account.pk, [coverage.RULE])
    axis = "interest" if request.GET.get("axis") == "interest" else "sentiment"
    found = people.people_of(*head.ids)
    lines = reporting.lines_among(head.ids, found)
    drawings = reporting.drawings(head.account.pk, f"{head.url}/track/contacts", request.GET.get("draw", ""))
    return {
        "picture": "workspace/account/contacts.html",
        "grid": people.power_grid(head, found, axis),
        "needs": tending.needs_of(head, found, lines),
        "chart": reporting.org_chart(head.ids, found, lines),
        "lines": lines,
        "unfold": request.GET.get("unfold", ""),
        "drawings": drawings,
        "draw": next(one for one in drawings if one.current),
        "axes": [{"key": one, "label": one.capitalize(), "current": one == axis} for one in people.AXES],
        "card": coverage.coverage_card(scores.get(coverage.RULE), head),
    }


def health(request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return how we see the account, what its surveys say, and its journey over `?journey=` days."""
    scores = newest_scores(head.account.pk, [survey.RULE])
    return {
        "picture": "workspace/account/health.html",
        "history": track.health_history(head.account.pk, head.today),
        "journey": (found := journey_of(head.account.pk, head.today, request.GET.get("journey", ""))),
        "journey_spans": [
            {"label": label, "url": f"{head.url}/track/health?journey={span}", "current": span == found.span}
            for span, (_, label) in JOURNEY_SPANS.items()
        ],
        "card": survey.survey_card(scores.get(survey.RULE), head, metric_ids(scores.values())),
    }


def issues(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the risk grid and the churn risk of the account."""
    scores = newest_scores(head.account.pk, [churn.RULE])
    return {
        "picture": "workspace/account/issues.html",
        "grid": track.risk_grid(head.account.pk),
        "card": churn.churn_card(scores.get(churn.RULE), head),
    }


def needs(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the pain points of the account by impact and urgency."""
    found = needs_page(head, head.today)
    listening = listening_page(head, head.today, found)
    begins = () if found.rows or listening.closed else ("pain_point",)
    return {
        "picture": "workspace/account/needs.html", "needs_page": found, "listening": listening, "begins": begins,
    }  # fmt: skip


def competition(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the competitors of the account against us."""
    found = competition_page(head, head.today)
    begins = () if found.rows or found.past else ("competitor",)
    return {"picture": "workspace/account/competition.html", "comp": found, "begins": begins}


def forecast(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return the pipeline with its forecast, and the readiness for expansion."""
    scores = newest_scores(head.account.pk, [pipeline.RULE, pipeline.FORECAST, expansion.RULE])
    metrics = metric_ids(scores.values())
    return {
        "picture": "workspace/account/forecast.html",
        "pipeline": pipeline.pipeline_card(scores, head, metrics),
        "readiness": expansion.readiness_card(scores.get(expansion.RULE), head, metrics),
        "acts": {"route": acts.create("route", "Add a route", account=head.account.pk)},
    }


def value(_request: HttpRequest, ctx: Context, head: Head) -> Drawn:
    """Return the value proven on the account: of what was committed, and of what the customer pays."""
    scores = newest_scores(head.account.pk, [value_realization.id])
    shown = value_page(head, proof_of(head.account, head.today), scores.get(value_realization.id))
    cases = BusinessCase.objects.filter(account=head.account, deleted_at__isnull=True).select_related("account")
    return {
        "picture": "workspace/account/value.html",
        "value": shown,
        "columns": value_columns(),
        "beside": {"business_case": {"columns": case_columns(results_of(cases, head.today), head.account.currency)}},
    }


def contracts(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return when contracts end, and how far the next renewal is prepared."""
    scores = newest_scores(head.account.pk, [renewal.RULE])
    signed = terms.contracts_of(head.ids, head.today)
    return {
        "picture": "workspace/account/contracts.html",
        "signed": signed,
        "columns": terms.contract_columns(signed, head.today),
        "add_upsell": acts.create("route", "Add an upsell", account=head.account.pk, type="upsell"),
        "ends": terms.next_contract_end(head.account.pk, head.today),
        "start_renewal": acts.create(
            "renewal_cycle", "Start the renewal", account=head.account.pk,
            renewal_date=head.account.renewal_date, arr_up=head.account.arr,
        ),
        "card": renewal.renewal_card(scores.get(renewal.RULE), head),
        "start_play": start_url("renewal", head.cycle.pk) if head.can_write and head.cycle else "",
    }  # fmt: skip


def execution(_request: HttpRequest, _ctx: Context, head: Head) -> Drawn:
    """Return how the rhythm of the account is kept."""
    return {"picture": "workspace/account/execution.html", "rows": execution_rows(head)}
