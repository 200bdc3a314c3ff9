"""Settings of the book: their defaults, and the value in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trackline.accounts.held import held
from trackline.accounts.models import Setting
from trackline.kit.policy import Context
from trackline.kit.statements import Statement

DEFAULTS: Mapping[str, Any] = {
    "book.name": "My book",
    "book.currency": "EUR",
    "book.time_zone": "Europe/Berlin",
    "book.fiscal_year_start_month": 1,
    "book.holidays": "",
    "book.days_off": "",
    "perm.account_scope": "all",
    "perm.parent_teams_see_children": True,
    "goals.warn_min": 2,
    "goals.warn_max": 3,
    "goals.hard_max": 5,
    "goal.checkin_days": 30,
    "goal.checkin_lagging_days": 92,
    "route.park_max_days": 180,
    "snapshot.max_age_days": 30,
    "journey.max_age_days": 90,
    "issue.due_days": {"critical": 1, "high": 3, "medium": 10, "low": 30},
    "play.reopen_days": 7,
    "priority.max": 3,
    "cadence.grace_pct": 150,
    "rhythm.shift_weekend": False,
    "renewal.late_alert": 90,
    "tier.cycle_months": 6,
    "scoring.signers": 3,
    "growth.capacity_hours": 0,
    "service.hour_cost": "",
    "service.cost.reviews": "",
    "service.cost.support.1": "",
    "service.cost.support.2": "",
    "service.cost.support.3": "",
    "service.cost.innovation.1": "",
    "plan.stale_days": 30,
    "plan.stale_owner_days": 45,
    "plan.share_days": 30,
    "survey.low_to": 3,
    "survey.detractor_to": 6,
    "survey.contact_hours": 72,
    "survey.plan_days": 14,
    "survey.verify_days": 30,
    "survey.open_days": 21,
    "survey.reminder_days": 5,
    "survey.phone_days": 10,
    "survey.group_min": 3,
    "survey.rate_warn_pct": 30,
    "need.conflict_actions": True,
    "jobs.nightly_hour": 2,
    "digest.weekday": 1,
    "digest.hour": 7,
    "perm.section_owners": True,
    "perm.own_issues": True,
    "perm.own_progress": True,
    "perm.job_roles": {
        "Account manager": "manager",
        "Account director": "manager",
        "Customer success manager": "manager",
        "Workstream lead": "manager",
        "Executive sponsor": "facilitator",
        "Programme coordinator": "facilitator",
        "Finance controller": "facilitator",
        "Legal": "facilitator",
        "Product owner": "facilitator",
        "Delivery lead": "facilitator",
        "Analyst": "facilitator",
    },
    "share.days": 90,
    "share.consent": (
        "I sign this version in the role named above. My name, my role, my answer and the time are kept with it, and both "
        "sides see them."
    ),
    "scores.feeds": {},
}
"""Every setting with its default; the unit is in the key or in `account.md` under the entry named there."""


SETTINGS = "settings"
AMOUNTS = frozenset(key for key in DEFAULTS if key.startswith("service."))
"""Settings that hold an amount in the book's currency as text; empty where nobody has told it."""


def setting(key: str, on: date | None = None) -> Any:
    """Return the newest value of a setting not later than `on` (default: any recorded), else its default."""
    if on is None and held() is not None:
        return _in_force()[key]
    rows = Setting.objects.filter(key=key)
    if on is not None:
        rows = rows.filter(valid_from__lte=on)
    found = rows.order_by("-valid_from").values_list("value", flat=True).first()
    return DEFAULTS[key] if found is None else found


def several(*keys: str) -> dict[str, Any]:
    """Return the values in force of some settings, in one query."""
    if held() is not None:
        return {key: setting(key) for key in keys}
    found = dict(Setting.objects.filter(key__in=keys).order_by("valid_from").values_list("key", "value"))
    return {key: DEFAULTS[key] if found.get(key) is None else found[key] for key in keys}


def amounts() -> dict[str, Decimal | None]:
    """Return the amounts of money among the settings, None where nobody has told one; in one query."""
    found = several(*AMOUNTS)
    return {key: Decimal(value) if value else None for key, value in found.items()}


def settings_in_force() -> dict[str, Any]:
    """Return all settings with the values in force, in one query; within `read_once` in none but the first."""
    return dict(_in_force())


def _in_force() -> Mapping[str, Any]:
    kept = held()
    if kept is not None and SETTINGS in kept:
        return kept[SETTINGS]  # type: ignore[no-any-return]
    stored = {key: value for key, value in _stored.rows() if key in DEFAULTS}
    found = dict(DEFAULTS) | {key: value for key, value in stored.items() if value is not None}
    if kept is not None:
        kept[SETTINGS] = found
    return found


_stored = Statement(lambda: Setting.objects.order_by("valid_from").values_list("key", "value"))


def book_zone() -> ZoneInfo:
    """Return the book's time zone, in which its days begin and end."""
    return zone_named(str(setting("book.time_zone")))


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone; one that this machine does not know is UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def book_currency(_ctx: Context) -> str:
    """Default a currency to the book's."""
    return str(setting("book.currency"))
