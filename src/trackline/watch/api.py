"""Endpoints of the watch beyond its records: what people do about an alert, and a metric with its control limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from ninja import Router

from trackline.core.playbook.fields import read_day
from trackline.kit.api.answers import answer, encode, etag
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, parameter, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, only, query_of
from trackline.kit.policy import READ, WRITE, Context
from trackline.kit.problems import BadRequest, Invalid, NotFound
from trackline.kit.records.queries import get, resolve, stored_json
from trackline.kit.records.types import registry
from trackline.watch import services
from trackline.watch.control import control_of, to_json
from trackline.watch.models import Alert

router = Router()
Body = Mapping[str, Any]
TEXT = {"type": "string"}


def _described(
    verb: str,
    summary: str,
    description: str,
    properties: dict[str, Any],
    example: dict[str, Any],
    required: tuple[str, ...] = (),
) -> dict[str, Any]:
    body = {"type": "object", "properties": properties, "additionalProperties": False}
    return operation(
        f"{verb}_alert",
        summary,
        tag="Alerts",
        permission=WRITE,
        description=description,
        parameters=[IDEMPOTENCY_KEY],
        body=body | ({"required": list(required)} if required else {}),
        example=example,
        answers={200: returns("The alert.", ref("Alert"), ETag="Its new version.")},
        problems=(404, 409),
    )


def _run(
    request: HttpRequest, given: str, names: tuple[str, ...], act: Callable[[Context, int, Body], Any]
) -> HttpResponse:
    ctx = context_of(request)
    ctx.require(WRITE)
    body = body_of(request)
    pk = resolve(ctx, registry.get("alert"), given)
    errors = {str(name)[:80]: "There is no such field." for name in body if name not in names}
    errors |= {
        name: "Text is expected."
        for name in names
        if body.get(name) is not None and (not isinstance(body[name], str) or "\x00" in body[name])
    }
    if errors:
        raise Invalid.fields(errors)

    def done() -> HttpResponse:
        act(ctx, pk, body)
        found = stored_json(ctx, registry.get("alert"), pk)
        return answer(found, headers={"ETag": etag(found["version"], encode(found))})

    return once(request, ctx, body, done)


def _user(ctx: Context, body: Body, name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not value.isdecimal() or len(value) > 18 or not _users(int(value)):
        raise Invalid.fields({name: "There is no such user."})
    return int(value)


def _users(pk: int) -> bool:
    return bool(registry.get("user").model.objects.filter(pk=pk, deleted_at__isnull=True).exists())


def _moment(body: Body, name: str) -> datetime | None:
    value = body.get(name)
    if value is None:
        return None
    try:
        found = parse_datetime(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid.fields({name: "An instant such as 2026-11-24T15:00:00Z is expected."})
    return found


@router.post(
    "/alerts/{id}/acknowledge",
    **_described(
        "acknowledge", "Acknowledge an alert", "Takes the alert on: `owner` answers, by default who owns it or the caller; "
        "`eta_at` says when an answer is expected.",
        {"owner": TEXT, "eta_at": {"type": "string", "format": "date-time"}}, {"eta_at": "2026-11-24T15:00:00Z"},
    ),
)  # fmt: skip
def alert_acknowledge(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Take an alert on."""
    return _run(
        request, id, ("owner", "eta_at"),
        lambda ctx, pk, body: services.acknowledge(
            ctx, pk, owner=_user(ctx, body, "owner"), eta_at=_moment(body, "eta_at")
        ),
    )  # fmt: skip


@router.post(
    "/alerts/{id}/diagnose",
    **_described(
        "diagnose", "Diagnose an alert", "Says what the cause is.", {"diagnosis": TEXT},
        {"diagnosis": "Her deputy has not taken over yet."}, ("diagnosis",),
    ),
)  # fmt: skip
def alert_diagnose(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Say the cause."""
    return _run(
        request, id, ("diagnosis",), lambda ctx, pk, body: services.diagnose(ctx, pk, body.get("diagnosis") or "")
    )


@router.post(
    "/alerts/{id}/escalate",
    **_described(
        "escalate", "Escalate an alert", "Brings the alert before our sponsor of the account, or the person in `to`.",
        {"to": TEXT, "reason": TEXT}, {"reason": "The renewal is at stake."},
    ),
)  # fmt: skip
def alert_escalate(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Bring it before the sponsor."""
    return _run(
        request, id, ("to", "reason"),
        lambda ctx, pk, body: services.escalate(ctx, pk, to=_user(ctx, body, "to"), reason=body.get("reason") or ""),
    )  # fmt: skip


@router.post(
    "/alerts/{id}/close",
    **_described(
        "close", "Close an alert", "Says whether it was real, and what was done.",
        {"verdict": {"type": "string", "enum": list(services.JUDGED)}, "note": TEXT},
        {"verdict": Alert.Verdict.TRUE_POSITIVE.value, "note": "Met the successor; a second champion is named."},
        ("verdict", "note"),
    ),
)  # fmt: skip
def alert_close(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Close it with a verdict."""
    return _run(
        request, id, ("verdict", "note"),
        lambda ctx, pk, body: services.close(ctx, pk, verdict=body.get("verdict") or "", note=body.get("note") or ""),
    )  # fmt: skip


@router.post(
    "/alerts/{id}/dismiss",
    **_described(
        "dismiss", "Dismiss an alert", "Puts the alert aside as a false alarm.", {"reason": TEXT},
        {"reason": "The request came from our own trainer."}, ("reason",),
    ),
)  # fmt: skip
def alert_dismiss(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Put it aside."""
    return _run(request, id, ("reason",), lambda ctx, pk, body: services.dismiss(ctx, pk, body.get("reason") or ""))


@router.post(
    "/alerts/{id}/play",
    **operation(
        "start_alert_play", "Start a play from an alert", tag="Alerts", permission=WRITE,
        description="Starts the playbook that answers the signal, else a play of 30 days, and links it to the alert.",
        parameters=[IDEMPOTENCY_KEY],
        body={"type": "object", "properties": {"title": TEXT}, "additionalProperties": False},
        example={"title": "Win three contacts across levels"}, optional_body=True,
        answers={200: returns("The alert, with the play among its `plays`.", ref("Alert"), ETag="Its new version.")},
        problems=(404, 409),
    ),
)  # fmt: skip
def alert_play(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Start what answers it."""
    return _run(
        request, id, ("title",), lambda ctx, pk, body: services.start_play(ctx, pk, title=body.get("title") or "")
    )


_READING = {"id": "91", "on": "2026-11-23", "value": 47, "source": "Plant MES", "estimated": False, "signal": "above"}
_CHART = {
    "account": "okada-brandt",
    "metric": "first-pass-yield",
    "as_of": "2026-11-23",
    "limits": {"lower": 34, "mean": 40, "upper": 46},
    "watched_from": "2024-10-25",
    "notes": [],
    "readings": [_READING],
}


@router.get(
    "/accounts/{id}/metrics/{metric}/control-chart",
    **operation(
        "get_control_chart",
        "A metric with its control limits",
        tag="Observations",
        permission=READ,
        description=(
            "Readings of a metric (by id or key) on an account since `since`, one year back if not given, oldest first. The "
            "limits are those of the rule `watch.signal.control_chart` over the signal's own reach (`watched_from`), so they do "
            "not depend on `since`; `limits` is null while too few readings set them, and `notes` says so. `signal` is "
            "`above`, `below` or `trend`."
        ),
        parameters=[parameter("since", {"type": "string", "format": "date"}, "First day shown.")],
        answers={
            200: returns(
                "Limits and readings.",
                {
                    "type": "object",
                    "properties": {
                        "account": {"type": "string"},
                        "metric": {"type": "string"},
                        "as_of": {"type": "string", "format": "date"},
                        "limits": {"type": ["object", "null"]},
                        "watched_from": {"type": "string", "format": "date"},
                        "notes": {"type": "array", "items": {"type": "string"}},
                        "readings": {"type": "array", "items": {"type": "object"}},
                    },
                    "required": list(_CHART),
                },
                _CHART,
            )
        },
        problems=(404,),
    ),
)
def control_chart(request: HttpRequest, id: str, metric: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Answer the readings of a metric with what the control chart finds in them."""
    ctx = context_of(request)
    given = query_of(request)
    only(given, "since")
    account = get(ctx, registry.get("account"), resolve(ctx, registry.get("account"), id))
    found = get(ctx, registry.get("metric"), resolve(ctx, registry.get("metric"), metric))
    if found.account_id not in (None, account.pk):
        raise NotFound(f"There is no metric {metric[:80]} on this account.")
    since = _day(given.get("since")) or ctx.today - timedelta(days=366)
    shown = to_json(control_of(account, found, since, ctx.today))
    return answer({"account": account.key, "metric": found.key, "as_of": ctx.today, **shown})


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return read_day(text)
    except ValueError:
        message = "A day such as 2026-01-31 is expected."
        raise BadRequest(f"since: {message}", [{"loc": ["query", "since"], "msg": message}]) from None
