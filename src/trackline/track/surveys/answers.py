"""What writes of answers mean: whose they are, the case that a low one opens, the metrics that follow the wave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.models import Contact, Metric, Observation
from trackline.accounts.rulebook.overrides import Overrides
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid
from trackline.kit.records import services as records
from trackline.kit.records.moves import check_move, status_before
from trackline.kit.records.types import registry
from trackline.track.models import Response, SurveyCase, Wave
from trackline.track.rules import survey_loop
from trackline.track.rules.surveys import surveys
from trackline.track.surveys.limits import limits
from trackline.track.surveys.scores import ANSWERS, Scores, scores_of
from trackline.track.surveys.wishes import keep_wishes

ALIVE = Q(deleted_at__isnull=True)
SOURCE = "Survey"
WORDS = {
    "recommend": "recommendation",
    "expectations": "last contact",
    "quality": "quality",
    "communication": "communication",
    "ease": "effort",
}


def prepare_response(ctx: Context, response: Any, changed: set[str], _links: Any) -> None:
    """Keep answers out of the future, ask for at least one, and know the audience of who gave them."""
    if response.on > ctx.today:
        raise Invalid.fields({"on": "Nobody has answered in the future."})
    if not any(getattr(response, name) not in (None, "") for name in (*ANSWERS, "reason", "ease_reason", "wishes")):
        raise Invalid.fields({"recommend": "At least one answer is needed."})
    if response.contact_id and ("contact" in changed or not response.audience):
        seniority = Contact.objects.values_list("seniority", flat=True).filter(pk=response.contact_id).first()
        response.audience = surveys().audience_of(seniority or "") or response.audience


def after_response(ctx: Context, response: Any, changed: set[str], _created: bool) -> None:
    """Open a case for a low answer (SUR-09, SUR-12), keep a wish as a note (SUR-01), and let the metrics follow."""
    if changed & {"recommend", *survey_loop.LOW_FIELDS}:
        _open_case(ctx, response)
    if changed & {"wishes", "contact", "audience"}:
        keep_wishes(ctx, response)
    follow(ctx, response.wave)


def _open_case(ctx: Context, response: Response) -> None:
    answers = {name: getattr(response, name) for name in ("recommend", *survey_loop.LOW_FIELDS)}
    low = survey_loop.low_answers(answers, limits())
    if not low or response.wave.survey == "micro" or SurveyCase.objects.filter(response=response).exists():
        return
    who = response.contact.name if response.contact else "Anonymous"
    said = ", ".join(f"{WORDS[name]} {answers[name]}" for name in low)
    account = response.wave.account
    owner = (response.contact.owner_id if response.contact else None) or account.owner_id
    now = timezone.localtime(ctx.now)
    answered = now if response.on == now.date() else now.replace(
        year=response.on.year, month=response.on.month, day=response.on.day, hour=12, minute=0, second=0, microsecond=0
    )  # fmt: skip
    records.create(
        ctx,
        registry.get("survey_case"),
        {
            "account": account.pk, "title": f"{who}: {said}"[:250], "response": response.pk,
            "contact": response.contact_id, "answered_at": answered, "owner": owner,
        },
    )  # fmt: skip


def prepare_case(ctx: Context, case: Any, changed: set[str], _links: Any) -> None:
    """Hold to the states of a case, stamp its steps, and date the next one (SUR-12, SUR-13)."""
    before = status_before(case)
    if before:
        check_move("A case", before, case.status, survey_loop.MOVES, dict(SurveyCase.Status.choices))
    moved = before != case.status
    if case.status == "contacted" and moved:
        case.contacted_at = case.contacted_at or ctx.now
    if case.status == "planned":
        lacking = [name for name in ("root_cause", "corrective", "preventive") if not getattr(case, name).strip()]
        if lacking:
            raise Invalid.fields(dict.fromkeys(lacking, "A recovery plan says this."))
        if moved:
            case.contacted_at = case.contacted_at or ctx.now
            case.planned_at = case.planned_at or ctx.now
    if case.status in ("resolved", "reopened") and moved:
        if not case.outcome.strip():
            raise Invalid.fields({"outcome": "Say what the customer says now."})
        case.verified_at = ctx.now if case.status == "resolved" else None
    case.due_at = survey_loop.next_due(steps_of(case, limits(), ctx.now))


def steps_of(case: SurveyCase, figures: survey_loop.Limits, now: datetime) -> list[survey_loop.Step]:
    """Return the steps of a case with their clocks; no queries."""
    done = {"contact": case.contacted_at, "plan": case.planned_at, "verify": case.verified_at}
    opened = case.created_at if case.pk else now
    return survey_loop.steps(timezone.localtime(case.answered_at), opened, done, figures, now)


# -- metrics ---------------------------------------------------------------------------------------------------------


def follow(ctx: Context, wave: Wave) -> None:
    """Write NPS, CSAT and CES of the waves of an account and day as observations; without answers they go."""
    if wave.sent_on is None:
        return
    same_day = Wave.objects.filter(ALIVE, account=wave.account_id, sent_on=wave.sent_on)
    feeding = [one.pk for one in same_day if surveys().version(one.survey, one.survey_version, one.sent_on).feeds]
    rows = list(Response.objects.filter(ALIVE, wave__in=feeding))
    found = scores_of(rows, Overrides.load(ctx.today), wave.account, wave.sent_on)
    rtype = registry.get("observation")
    metrics = dict(Metric.objects.filter(ALIVE, key__in=Scores.METRICS).values_list("key", "pk"))
    there = {
        one.metric_id: one
        for one in Observation.objects.filter(
            ALIVE, account=wave.account_id, on=wave.sent_on, metric__in=metrics.values()
        )
    }
    for key, pk in metrics.items():
        result, old = getattr(found, key), there.get(pk)
        if result.value is None:
            if old is not None and old.source.startswith(SOURCE):
                records.delete(ctx, rtype, old.pk)
            continue
        count = result.details["n"]
        data = {
            "value": round(result.value, 6),
            "source": f"{SOURCE}: {wave.title}"[:200],
            "quality": "estimated" if result.details.get("provisional") else "ok",
            "note": f"{count} answer{'s' if count != 1 else ''}",
        }
        if old is None:
            records.create(ctx, rtype, data | {"account": wave.account_id, "metric": pk, "on": wave.sent_on})
        else:
            records.update(ctx, rtype, old.pk, data)


def listen() -> None:
    """Keep the metrics in step with answers and waves that go, come back or are dated anew."""
    records.subscribers.append(_on_write)


def _on_write(ctx: Context, event: records.WriteEvent) -> None:
    if event.rtype.name == "response" and event.action in ("delete", "restore"):
        follow(ctx, event.record.wave)
    elif event.rtype.name == "wave" and (
        event.action in ("delete", "restore") or event.changed & {"sent_on", "survey"}
    ):
        follow(ctx, event.record)
