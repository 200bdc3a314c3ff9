"""What the records say of accounts that may be at risk, on today and on a day before it; read once for both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.models import Score
from trackline.accounts.rulebook.queries import newest
from trackline.book.queries.renewals import GONE, open_cycles
from trackline.book.risk.renewals import GRAVE, SINGLE_THREAD
from trackline.choose.models import Play, Step
from trackline.choose.rules.recovery import PLAYBOOKS
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry
from trackline.track.health import MODELS, RULES
from trackline.track.rules.health_inputs import headline
from trackline.watch.models import Alert
from trackline.watch.rules.churn import churn_risk
from trackline.watch.services import SETTLED

COMPETITOR, USAGE_FALLS = "watch.signal.competitor_evaluation", "watch.signal.usage_decline"
ALIVE = Q(deleted_at__isnull=True)
_COLUMNS = (
    "id", "key", "name", "tier", "currency", "arr", "renewal_date", "status", "health", "owner__name", "owner__username",
    "created_at",
)  # fmt: skip


@dataclass(frozen=True)
class Health:
    """The headline of a day: value, colour and model."""

    value: Decimal | None
    band: str
    model: str


@dataclass(frozen=True)
class Evidence:
    """The accounts that are with us, and what is known of them by their id."""

    now: date
    before: date
    accounts: Mapping[int, Mapping[str, Any]]
    cycles: Mapping[int, Mapping[str, Any]]
    health_before: Mapping[int, Health]
    churn: Mapping[int, Decimal]
    churn_before: Mapping[int, Decimal]
    alerts: Mapping[int, Sequence[Mapping[str, Any]]]
    plays: Mapping[int, Sequence[Mapping[str, Any]]]
    steps: Mapping[int, Sequence[Mapping[str, Any]]]
    statuses: Mapping[int, str]
    forecasts: Mapping[int, str]

    def health(self, pk: int, on: date) -> Health:
        """Return the headline of an account on one of the two days."""
        if on == self.before:
            return self.health_before.get(pk, Health(None, "unknown", ""))
        told = self.accounts[pk]["health"] or {}
        value = told.get("value")
        return Health(
            None if value is None else Decimal(str(value)), told.get("band") or "unknown", told.get("preset", "")
        )

    def renews_in(self, pk: int, on: date) -> int | None:
        """Return the days until the next renewal, None where no day is known."""
        day = self.cycles.get(pk, {}).get("renewal_date") or self.accounts[pk]["renewal_date"]
        return None if day is None else (day - on).days

    def has_alert(self, pk: int, rule: str, on: date) -> bool:
        """Tell whether an alert of a rule was open at the end of one of the two days."""
        return any(
            one["rule"] == rule and _day(one["fired_at"]) <= on and (one["closed_at"] is None or _day(one["closed_at"]) > on)
            for one in self.alerts.get(pk, ())
        )  # fmt: skip

    def play(self, pk: int, on: date) -> Mapping[str, Any] | None:
        """Return the recovery that ran on one of the two days, the newest where several did."""
        ran = [
            one for one in self.plays.get(pk, ())
            if one["start_on"] <= on and (one["status"] in OPEN_PLAYS or (one["done_on"] is not None and one["done_on"] > on))
        ]  # fmt: skip
        return max(ran, key=lambda one: (one["start_on"], one["id"]), default=None)

    def there(self, pk: int, on: date) -> bool:
        """Tell whether the account was kept here on one of the two days."""
        return on == self.now or _day(self.accounts[pk]["created_at"]) <= on

    def asked(self, pk: int, on: date) -> dict[str, Any]:
        """Return what the rule is given about an account on one of the two days."""
        churn = self.churn if on == self.now else self.churn_before
        status, cycle = self.accounts[pk]["status"], self.cycles.get(pk, {})
        forecast = cycle.get("forecast") or ""
        if on == self.before:
            status, forecast = self.statuses.get(pk, status), self.forecasts.get(cycle.get("id", 0), forecast)
        return {
            "health_band": self.health(pk, on).band,
            "churn_risk": churn.get(pk),
            "competitor": self.has_alert(pk, COMPETITOR, on),
            "single_thread": self.has_alert(pk, SINGLE_THREAD, on),
            "days_to_renewal": self.renews_in(pk, on),
            "renewal_forecast": forecast or "unknown",
            "marked": status == "at_risk",
            "recovering": self.play(pk, on) is not None,
        }


def evidence(ctx: Context, ids: Collection[int], before: date) -> Evidence:
    """Read what is known of some accounts; the number of queries is fixed."""
    rows = scoped(ctx, registry.get("account")).exclude(status__in=GONE).order_by("name", "pk").values(*_COLUMNS)
    accounts = {row["id"]: row for row in rows if row["id"] in ids}
    since = timezone.make_aware(datetime.combine(before, time.max))
    churn_now, _ = _scores([churn_risk.id], ctx.today, accounts)
    churn_then, then = _scores([churn_risk.id, *MODELS], before, accounts)
    plays = _plays(before, ctx.today, accounts)
    return Evidence(
        ctx.today,
        before,
        accounts,
        open_cycles(ctx),
        {pk: _headline(accounts[pk]["tier"], found) for pk, found in then.items()},
        churn_now,
        churn_then,
        _alerts(since, accounts),
        plays,
        _steps([play["id"] for own in plays.values() for play in own]),
        _earlier("account", "status", since),
        _earlier("renewal_cycle", "forecast", since),
    )


# -- inside --------------------------------------------------------------------------------------------------------


def _scores(
    rules: Sequence[str], on: date, accounts: Collection[int]
) -> tuple[dict[int, Decimal], dict[int, dict[str, tuple[Decimal | None, str]]]]:
    """The newest churn-risk index, and value and band of each health model, not later than a day; one query."""
    churn: dict[int, Decimal] = {}
    health: dict[int, dict[str, tuple[Decimal | None, str]]] = {}
    rows = newest(Score.objects.filter(rule__in=rules, preset=""), on)
    for pk, rule, value, band in rows.values_list("account", "rule", "value", "band"):
        if pk not in accounts:
            continue
        if rule != churn_risk.id:
            health.setdefault(pk, {})[MODELS[rule]] = (value, band or "unknown")
        elif value is not None:
            churn[pk] = value
    return churn, health


def _headline(tier: int | None, found: Mapping[str, tuple[Decimal | None, str]]) -> Health:
    model = headline(tier, {name: found.get(name, (None, "unknown")) for name in RULES})
    value, band = found.get(model, (None, "unknown"))
    return Health(value, band, model)


def _alerts(since: datetime, accounts: Collection[int]) -> dict[int, list[Mapping[str, Any]]]:
    """Alerts of the three rules that were open at the end of the earlier day or later, and grave ones that fired since."""
    kept = Q(rule__in=(COMPETITOR, SINGLE_THREAD, USAGE_FALLS)) & (~Q(state__in=SETTLED) | Q(closed_at__gt=since))
    rows = Alert.objects.filter(ALIVE, kept | Q(fired_at__gt=since, severity__in=GRAVE)).order_by("fired_at", "pk")
    return _grouped(rows.values("account", "rule", "severity", "title", "fired_at", "closed_at"), "account", accounts)


def _plays(before: date, today: date, accounts: Collection[int]) -> dict[int, list[Mapping[str, Any]]]:
    rows = Play.objects.filter(
        ALIVE, Q(status__in=OPEN_PLAYS) | Q(done_on__gt=before), playbook__key__in=PLAYBOOKS, start_on__lte=today
    ).order_by("start_on", "pk")
    columns = ("id", "account", "title", "status", "start_on", "done_on", "playbook__key", "owner__name")
    return _grouped(rows.values(*columns), "account", accounts)


def _steps(plays: Collection[int]) -> dict[int, list[Mapping[str, Any]]]:
    rows = Step.objects.filter(ALIVE, play__in=plays).order_by("due_on", "position", "pk")
    return _grouped(
        rows.values("play", "key", "title", "status", "due_on", "done_on", "created_at"), "play", set(plays)
    )


def _grouped(rows: Iterable[Mapping[str, Any]], by: str, kept: Collection[int]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row[by] in kept:
            found.setdefault(row[by], []).append(row)
    return found


def _earlier(record_type: str, name: str, since: datetime) -> dict[int, str]:
    """What a field held before its first change after an instant, by record."""
    rows = Change.objects.filter(record_type=record_type, at__gt=since, changes__has_key=name).order_by("-at", "-pk")
    return {pk: changes[name][0] or "" for pk, changes in rows.values_list("record_id", "changes")}


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()
