"""Facts that the tests of a move between tiers rest on, out of records, each with what told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.models import Account, Contact, Observation, Score
from trackline.accounts.rates import Rates
from trackline.accounts.settings import setting
from trackline.align.models import Contract, Project, Route, WhitespaceCell
from trackline.book.queries.arr import arr_on
from trackline.book.rules.tier_facts import wiring
from trackline.choose.models import Play
from trackline.choose.rules.recovery import PLAYBOOKS
from trackline.core.decimals import HUNDRED, q6
from trackline.core.periods import quarter_of
from trackline.kickoff.models import Meeting
from trackline.kit import formats
from trackline.kit.policy import Context, system_context
from trackline.track.health import RULES
from trackline.track.rules.health_inputs import RELATIONSHIP

ALIVE = Q(deleted_at__isnull=True)
GONE = ("moved", "departed")
MISSED = ("cancelled_by_us", "cancelled_by_customer", "no_show")
STEERING = Q(cadence__type__in=("qbr", "exec_sponsor")) | ~Q(review="")
BPS = 100
MONTH_DAYS = Decimal("30.4375")
STAFFED_PCT = 90
"""Serving FTE says something of the book's capacity once so many percent of accounts with a tier have it."""


@dataclass
class Facts:
    """Values by the inputs of the tests, and in words what told each. What nothing tells is not there."""

    values: dict[str, Any] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, value: Any, told: str) -> None:
        """Keep a value with its source; None is no value, and the words say why."""
        if value is not None:
            self.values[name] = value
        self.told[name] = told


@dataclass(frozen=True)
class _Reading:
    value: Decimal
    on: date


def facts_of(ctx: Context, account: Account, today: date, rates: Rates) -> Facts:
    """Return what records tell of an account for the tests, in a fixed number of queries."""
    found = Facts()
    readings = _readings(account.pk, today)
    _money(found, ctx, account, today, rates, readings)
    _margin(found, account, today, readings)
    _access(found, account, today)
    _innovation(found, account, today, readings)
    _headroom(found, readings, found.values.get("arr"), rates, account.currency)
    _cost(found, readings)
    _health(found, account.pk, today)
    return found


def capacity_of(fte: Mapping[str, Decimal], account: int, tier: int | None) -> tuple[bool | None, str]:
    """Return whether the people who serve accounts now cover what tiers grant, with one account in another tier; one query.

    Source: PF-20 U6, PF-26.
    """
    gone = (Account.Status.CHURNED, Account.Status.ARCHIVED)
    rows = Account.objects.filter(ALIVE).exclude(status__in=gone)
    needed, there, known, tiered = Decimal(0), Decimal(0), 0, 0
    for pk, own, serving in rows.values_list("pk", "tier", "serving_fte"):
        held = tier if pk == account else own
        if held is None:
            continue
        tiered += 1
        needed += fte[str(held)]
        if serving is not None:
            known, there = known + 1, there + serving
    if not tiered or known * 100 < STAFFED_PCT * tiered:
        return None, f"Serving FTE is known of {known} of {tiered} accounts with a tier"
    return there >= needed, f"{formats.number(there, 1)} FTE serve, {formats.number(needed, 1)} are granted"


# -- inside --------------------------------------------------------------------------------------------------------


def _readings(account: int, today: date) -> dict[str, _Reading]:
    """The newest reading of each metric that feeds a test."""
    wired = wiring()
    since = today - timedelta(days=wired.max_age_days)
    rows = Observation.objects.filter(
        ALIVE, account=account, metric__key__in=wired.every, metric__account__isnull=True, on__range=(since, today)
    )
    return {
        key: _Reading(value, on) for key, value, on in rows.order_by("on").values_list("metric__key", "value", "on")
    }


def _first(readings: Mapping[str, _Reading], name: str) -> _Reading | None:
    return next((readings[key] for key in wiring().metrics[name] if key in readings), None)


def _money(
    found: Facts, ctx: Context, account: Account, today: date, rates: Rates, readings: Mapping[str, _Reading]
) -> None:
    """Growth over 24 months, net retention over twelve, and whether a contract locks growth in."""
    days = [_years_before(today, 2), _years_before(today, 1), today]
    own = next(iter(arr_on(system_context(ctx.now), days, rates, [account.pk])), None)
    before2, before1, now = own.values if own else (None, None, None)
    found.put("arr", now, "ARR today")
    if before2 and now is not None and before2 > 0:
        growth = Decimal(str((float(now / before2) ** 0.5 - 1) * 100)) if now > 0 else -HUNDRED
        words = f"ARR {formats.money(before2, rates.book)} two years ago, {formats.money(now, rates.book)} now"
        found.put("cagr_24m_pct", q6(growth), words)
    else:
        found.put("cagr_24m_pct", None, "ARR of two years ago is not known")
    if before1 and now is not None and before1 > 0:
        words = f"ARR {formats.money(before1, rates.book)} a year ago, {formats.money(now, rates.book)} now"
        found.put("nrr_pct", q6(now * HUNDRED / before1), words)
    else:
        found.put("nrr_pct", None, "ARR of a year ago is not known")
    running = Contract.objects.filter(Q(start_on__lte=today), Q(end_on__gte=today), ALIVE, account=account).values_list(
        "ref", "start_on", "end_on"
    )
    longest = max(running, key=lambda one: (one[2] - one[1]).days, default=None)
    if longest and (longest[2] - longest[1]).days >= 2 * 365:
        found.put(
            "multi_year_contract", None, f"{longest[0]} runs for years; whether it locks growth in is for you to say"
        )
    else:
        found.put("multi_year_contract", False, "No contract in force runs for two years")


def _margin(found: Facts, account: Account, today: date, readings: Mapping[str, _Reading]) -> None:
    """Basis points between the median margin of the first tier and the account's own."""
    own = _first(readings, "margin")
    if own is None:
        found.put("margin_gap_bps", None, "No reading of gross margin")
        return
    since = today - timedelta(days=wiring().max_age_days)
    rows = Observation.objects.filter(
        ALIVE, metric__key__in=wiring().metrics["margin"], metric__account__isnull=True, account__tier=1,
        account__deleted_at__isnull=True, on__range=(since, today),
    ).exclude(account=account)  # fmt: skip
    newest = dict(rows.order_by("on").values_list("account", "value"))
    if not newest:
        found.put("margin_gap_bps", None, "No other account of tier 1 has a reading of gross margin")
        return
    peers = sorted(newest.values())
    half = len(peers) // 2
    median = peers[half] if len(peers) % 2 else (peers[half - 1] + peers[half]) / 2
    words = f"{formats.percent(own.value, 1)}, median of tier 1 {formats.percent(median, 1)}"
    found.put("margin_gap_bps", max(Decimal(0), q6((median - own.value) * BPS)), words)


def _access(found: Facts, account: Account, today: date) -> None:
    """Executives who came in the last two quarters, steering meetings missed in a row, whether the key sponsor is lost."""
    first = int(setting("book.fiscal_year_start_month"))
    since = quarter_of(quarter_of(today, first).start - timedelta(days=1), first).start
    start = timezone.make_aware(datetime.combine(since, time.min))
    end = timezone.make_aware(datetime.combine(today, time.max))
    came = Meeting.present_contacts.through.objects.filter(
        meeting__account=account, meeting__status="held", meeting__deleted_at__isnull=True, meeting__at__range=(start, end),
        contact__seniority="c_suite", contact__deleted_at__isnull=True,
    )  # fmt: skip
    names = sorted(set(came.values_list("contact__name", flat=True)))
    words = f"Met since {formats.day(since)}: {', '.join(names) or 'nobody of the C-suite'}"
    found.put("c_level_active", len(names), words)
    rows = Meeting.objects.filter(STEERING, ALIVE, account=account, at__lt=end).exclude(
        status__in=("scheduled", "rescheduled")
    )
    missed = 0
    statuses = list(rows.order_by("-at").values_list("status", flat=True)[:12])
    for status in statuses:
        if status not in MISSED:
            break
        missed += 1
    words = (
        "the last took place"
        if not missed
        else f"the last {missed} were missed"
        if missed > 1
        else "the last was missed"
    )
    told = f"Reviews and sponsor meetings: {words}" if statuses else "No review or sponsor meeting is on record"
    found.put("steering_missed", missed if statuses else None, told)
    sponsors = Contact.objects.filter(
        Q(is_exec_sponsor=True) | Q(pk=account.customer_sponsor_id or 0), ALIVE, account=account
    )
    people = list(sponsors.values_list("name", "status"))
    gone = [name for name, status in people if status in GONE]
    if not people:
        found.put("sponsor_lost", None, "No sponsor of theirs is on record")
    else:
        lost = bool(gone) and len(gone) == len(people)
        found.put("sponsor_lost", lost, f"{', '.join(gone)} left" if gone else f"{people[0][0]} is there")


def _innovation(found: Facts, account: Account, today: date, readings: Mapping[str, _Reading]) -> None:
    """Joint innovations, and months since the last initiative began."""
    joint = Route.objects.filter(ALIVE, account=account, type="partnership").exclude(state__in=("lost", "parked"))
    partnerships = list(joint.values_list("title", "state_since"))
    pilots = list(
        WhitespaceCell.objects.filter(ALIVE, business_unit__account=account, state="pilot").values_list(
            "product__name", "reviewed_on"
        )
    )
    ip = _first(readings, "joint_ip")
    count = len(partnerships) + len(pilots) + (int(ip.value) if ip else 0)
    named = [*(title for title, _ in partnerships), *(f"pilot of {name}" for name, _ in pilots)]
    words = ", ".join(named[:3]) or ("Reading of joint IP" if ip else "No partnership, pilot or joint IP is on record")
    found.put("joint_innovations", count, words)
    begun = Project.objects.filter(ALIVE, account=account, start_on__lte=today).exclude(status="cancelled")
    started: list[tuple[date, str]] = [
        *((on, title) for title, on in partnerships if on), *((on, f"pilot of {name}") for name, on in pilots if on),
        *((on, name) for name, on in begun.values_list("name", "start_on")),
    ]  # fmt: skip
    begun_by_now = [one for one in started if one[0] <= today]
    if begun_by_now:
        on, what = max(begun_by_now)
        found.put("months_since_initiative", q6((today - on).days / MONTH_DAYS), f"{what}, {formats.day(on)}")
    else:
        found.put("months_since_initiative", None, "No project, pilot or partnership with a date is on record")


def _headroom(found: Facts, readings: Mapping[str, _Reading], arr: Decimal | None, rates: Rates, currency: str) -> None:
    """The share of the customer's addressable spend that is not ours."""
    spend, wallet = _first(readings, "addressable"), _first(readings, "wallet")
    worth = rates.convert(spend.value, currency) if spend else None
    if worth and arr is not None:
        share = max(Decimal(0), min(HUNDRED, HUNDRED - arr * HUNDRED / worth))
        words = f"{formats.percent(share, 0)} of {formats.money(worth, rates.book)} addressable spend is not ours"
        found.put("untapped_pct", q6(share), words)
    elif wallet is not None:
        found.put(
            "untapped_pct", q6(max(Decimal(0), min(HUNDRED, HUNDRED - wallet.value))), "What is not our share of wallet"
        )
    else:
        found.put("untapped_pct", None, "No reading of the customer's addressable spend or of our share of wallet")


def _cost(found: Facts, readings: Mapping[str, _Reading]) -> None:
    cost, plan = _first(readings, "cost"), _first(readings, "envelope")
    if cost is not None and plan is not None and plan.value > 0:
        over = q6((cost.value - plan.value) * HUNDRED / plan.value)
        words = (
            f"Cost to serve {formats.delta(over, decimals=0)}{formats.NBSP}% against its plan, {formats.day(cost.on)}"
        )
        found.put("cost_over_envelope_pct", over, words)
    else:
        found.put("cost_over_envelope_pct", None, "No reading of the cost to serve and its plan")


def _health(found: Facts, account: int, today: date) -> None:
    """Quarters in a row that ended red, and whether a recovery plan ran."""
    first = int(setting("book.fiscal_year_start_month"))
    quarter = quarter_of(today, first)
    rows = Score.objects.filter(account=account, rule=RULES[RELATIONSHIP].id, preset="", on__lte=today).exclude(band="")
    bands = dict(rows.order_by("on").values_list("on", "band"))
    red = 0
    while True:
        inside = [on for on in bands if quarter.start <= on <= quarter.end]
        if not inside or bands[max(inside)] != "red":
            break
        red += 1
        quarter = quarter_of(quarter.start - timedelta(days=1), first)
    words = (
        f"Relationship red at the end of {red} quarters in a row"
        if red
        else "Relationship not red at the end of the quarter"
    )
    found.put("red_quarters", red if bands else None, words if bands else "No score of the relationship is kept")
    plans = Play.objects.filter(ALIVE, account=account, playbook__key__in=PLAYBOOKS).exclude(status="cancelled")
    title = plans.order_by("-start_on").values_list("title", flat=True).first()
    found.put("recovery_plan", title is not None, title or "No save plan or recovery sprint is on record")


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))
