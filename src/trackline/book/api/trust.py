"""The endpoint of the signs of a trusted KPI."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.accounts.models import Kpi
from trackline.book.api.query import COUNT, DAY, TAG, Query, answered, shape
from trackline.book.queries.trust import trust_json, trust_of
from trackline.kit.api.describe import operation, returns
from trackline.kit.api.requests import context_of
from trackline.kit.policy import READ
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

router = Router()


@router.get(
    "/kpis/{id}/trust",
    **operation(
        "get_kpi_trust",
        "Signs of a trusted KPI",
        tag=TAG,
        permission=READ,
        description="Which of five signs a KPI of an account shows: a written formula, one automated source, approval by finance and "
        "the customer, a place on a scorecard or dashboard, a part in incentive plans. `missing` are signs of which nothing is "
        "known.",
        answers={
            200: returns(
                "The signs as of today.",
                shape(
                    kpi={"type": "string"},
                    name={"type": "string"},
                    as_of=DAY,
                    signs=COUNT,
                    trusted={"type": "boolean"},
                    needed=COUNT,
                    held={"type": "object"},
                    missing={"type": "array", "items": {"type": "string"}},
                ),
                {
                    "kpi": "12",
                    "name": "Scrap rate",
                    "as_of": "2026-11-23",
                    "signs": 4,
                    "trusted": False,
                    "needed": 5,
                    "held": {"formula": True, "source": True, "approved": True, "shown": True, "incentives": False},
                    "missing": [],
                },
            )
        },
        problems=(404,),
    ),
)
def kpi_trust(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the signs of a KPI."""
    ctx = context_of(request)
    query = Query(request, ctx)
    query.done()
    kpi = Kpi.objects.select_related("metric").get(pk=get(ctx, registry.get("kpi"), id).pk)
    return answered(trust_json(kpi, trust_of(ctx, [kpi])[kpi.pk]))
