"""A metric of an account as a chart on its own page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trackline.accounts.models import Metric
from trackline.kit.formats import UNIT_WORDS
from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.problems import NotFound
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.account.metric import SPANS, metric_chart, read_metrics
from trackline.workspace.records import addresses
from trackline.workspace.views.account import frame
from trackline.workspace.web import page


@page()
def chart(request: HttpRequest, ctx: Context, key: str, pk: int) -> HttpResponse:
    """Readings of a metric with limits, target and check-ins over a span; a new reading is one line."""
    head = head_of(ctx, key)
    metric: Metric | None = scoped(ctx, registry.get("metric")).filter(pk=pk).first()
    if metric is None or metric.account_id not in (None, head.account.pk):
        raise NotFound(f"There is no metric {pk} on this account.")
    found = metric_chart(head, metric, request.GET.get("span", ""))
    url = f"{head.url}/metrics/{pk}"
    given = {"account": head.account.pk, "metric": pk, **({"kpi": found.kpi.pk} if found.kpi else {})}
    observation = registry.get("observation")
    unit = "%" if found.unit == "percent" else UNIT_WORDS.get(found.unit, "")
    context = {
        "chart": found,
        "spans": [
            {"label": label, "url": f"{url}?span={span}", "current": span == found.span}
            for span, (_, label) in SPANS.items()
        ],
        "others": [
            {"label": one.name, "url": f"{head.url}/metrics/{one.pk}?span={found.span}", "current": one.pk == pk}
            for one in read_metrics(head.account.pk)
        ],
        "entry": {
            "url": addresses.new(observation, given),
            "panel": addresses.new_panel(observation, given),
            "value": FormField(
                name="value", kind="decimal", label="Value", unit=unit,
                currency=head.account.currency if found.unit == "currency" else "",
            ),
            "on": FormField(name="on", kind="date", label="Date", value=head.today.isoformat()),
            "note": FormField(name="note", label="Note"),
        },
        "all_url": addresses.listing(observation, {"account": head.account.pk, "metric": pk}),
    }  # fmt: skip
    return render(request, "workspace/account/metric.html", frame(head, current="track") | context)
