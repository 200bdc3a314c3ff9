"""What accounts got within a year of what their tier promises: inputs of the rule, out of records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from trackline.accounts.models import Account, Contact, TeamMember
from trackline.accounts.rulebook.live import Batch, Collected, LiveRule, register
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rulebook.sources import origin
from trackline.accounts.rules.tending import Touches, touch
from trackline.book.rules.service import service
from trackline.book.tiers.held import held_of
from trackline.core.playbook.feeds import file_feeds
from trackline.kickoff.models import ClientAttendance, Meeting, Sponsorship
from trackline.kit.keys import Keys
from trackline.kit.records.services import WriteEvent
from trackline.track.models import Interaction

ALIVE = Q(deleted_at__isnull=True)
KEY_PEOPLE = Q(buying_role="champion") | Q(is_exec_sponsor=True) | Q(influence__gte=4)
"""Who must not go without a touch: champions, sponsors, influential people (STK-04)."""
YEAR = timedelta(days=365)
FEEDS = Path(__file__).parents[1] / "rules" / "feeds.yaml"
SOURCES = 12
"""So many records are named as the source of an input."""

Told = dict[int, list[dict[str, Any]]]


def collect_service(ids: Sequence[int], on: date, batch: Batch) -> Mapping[int, Collected]:
    """Return what each account got within the year up to a day, in thirteen queries; none where no account has a tier.

    Without a tier nothing is promised, so that nothing is gathered.
    """
    found = {pk: Collected() for pk in ids if batch.tiers[pk] is not None}
    untold = {pk: Collected(missing=[{"input": "tier", "last_on": None}]) for pk in ids if pk not in found}
    if found:
        _gather(found, on, batch)
    return found | untold


def _gather(found: Mapping[int, Collected], on: date, batch: Batch) -> None:
    ids = Keys(found)
    held = held_of(ids)
    completeness: dict[int, dict[str, Any]] = dict(Account.objects.filter(pk__in=ids).values_list("pk", "completeness"))
    _meetings(found, ids, on)
    _sponsors(found, ids, on)
    _team(found, ids)
    _touched(found, ids, on, batch)
    for pk, one in found.items():
        one.values["tier"] = batch.tiers[pk]
        one.values["days_held"] = max(0, (on - held[pk].since).days)
        plan = (completeness.get(pk) or {}).get("total")
        if plan is None:
            one.missing.append({"input": "plan", "last_on": None})
        else:
            one.values["plan"] = plan


def _meetings(found: Mapping[int, Collected], ids: Sequence[int], on: date) -> None:
    """Reviews held, months with a meeting with the customer, months with anything logged with them."""
    start = timezone.make_aware(datetime.combine(on - YEAR, time.max))
    end = timezone.make_aware(datetime.combine(on, time.max))
    theirs = Exists(ClientAttendance.objects.filter(meeting=OuterRef("pk")))
    rows = Meeting.objects.filter(ALIVE, account__in=ids, status="held", at__gt=start, at__lte=end).annotate(
        theirs=theirs
    )
    reviews: Told = defaultdict(list)
    talks: dict[int, set[str]] = defaultdict(set)
    for pk, meeting, title, at, review, with_them in rows.order_by("-at", "pk").values_list(
        "account", "pk", "title", "at", "review", "theirs"
    ):
        day = timezone.localtime(at).date()
        if review in ("qbr", "ebr"):
            reviews[pk].append(origin("meeting", meeting, title or "Meeting", day, on))
        if with_them or review:
            talks[pk].add(f"{day:%Y-%m}")
    touches = {pk: set(months) for pk, months in talks.items()}
    log = Interaction.objects.filter(ALIVE, account__in=ids, on__gt=on - YEAR, on__lte=on).order_by()
    for pk, day in log.values_list("account", "on").distinct():
        touches.setdefault(pk, set()).add(f"{day:%Y-%m}")
    for pk, one in found.items():
        one.values["reviews"], one.sources["reviews"] = len(reviews[pk]), reviews[pk][:SOURCES]
        # A year that begins within a month touches thirteen of them.
        one.values["conversations"] = min(12, len(talks[pk]))
        one.values["touches"] = min(12, len(touches.get(pk, ())))


def _sponsors(found: Mapping[int, Collected], ids: Sequence[int], on: date) -> None:
    rows = Sponsorship.objects.filter(
        Q(active_from__isnull=True) | Q(active_from__lte=on), Q(active_to__isnull=True) | Q(active_to__gte=on),
        ALIVE, account__in=ids,
    )  # fmt: skip
    pairs: Told = defaultdict(list)
    for pk, pair, ours, theirs, since in rows.order_by("pk").values_list(
        "account", "pk", "sponsor__name", "contact__name", "active_from"
    ):
        pairs[pk].append(origin("sponsorship", pair, f"{ours} with {theirs}", since, on))
    named = Account.objects.filter(pk__in=ids, exec_sponsor__isnull=False, customer_sponsor__isnull=False)
    on_account = dict(named.values_list("pk", "name"))
    for pk, one in found.items():
        if not pairs[pk] and pk in on_account:
            pairs[pk].append(origin("account", pk, f"Both sponsors named on {on_account[pk]}", None, on))
        one.values["sponsor"], one.sources["sponsor"] = len(pairs[pk]), pairs[pk][:SOURCES]


def _team(found: Mapping[int, Collected], ids: Sequence[int]) -> None:
    people: dict[int, set[int]] = defaultdict(set)
    for pk, user in TeamMember.objects.filter(ALIVE, account__in=ids, user__active=True).values_list("account", "user"):
        people[pk].add(user)
    for pk, user in Account.objects.filter(pk__in=ids, owner__active=True).values_list("pk", "owner"):
        people[pk].add(user)
    for pk, one in found.items():
        one.values["team"] = len(people[pk])


def _touched(found: Mapping[int, Collected], ids: Sequence[int], on: date, batch: Batch) -> None:
    """The share of key people within their limit. Source: STK-11."""
    overrides = batch.once("overrides of touch", lambda: Overrides.load(on))
    rows = Contact.objects.filter(ALIVE, KEY_PEOPLE, account__in=ids, status="active")
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for pk, role, sponsor, seniority, own, last, made in rows.values_list(
        "account", "buying_role", "is_exec_sponsor", "seniority", "touch_days", "last_touch_on", "created_at"
    ):
        given = Touches(
            last_touch_on=min(last, on) if last else None, known_since=min(timezone.localtime(made).date(), on),
            buying_role=role or None, exec_sponsor=sponsor, seniority=seniority or None, own_days=own, preset=None,
        )  # fmt: skip
        result = touch.explain(given, overrides.in_force(touch, on, tier=batch.tiers[pk], account_id=pk), on)
        if result.value is not None:
            counts[pk][0] += 1
            counts[pk][1] += not result.details["overdue"]
    for pk, one in found.items():
        people, in_time = counts[pk]
        if people:
            one.values["touched"] = round(in_time * 100 / people, 6)
        else:
            one.missing.append({"input": "touched", "last_on": None})


def _touches(event: WriteEvent) -> bool:
    """Say whether a write may change what is owed or delivered; what people log is counted anew every night."""
    name = event.rtype.name
    if name == "account":
        return bool(event.changed & {"tier", "owner", "exec_sponsor", "customer_sponsor"})
    if name == "meeting":
        return event.action != "create" and bool(event.changed & {"status", "review"} or event.action != "update")
    return name in ("sponsorship", "team_member")


def register_all() -> None:
    """Have the service of a tier computed on live data."""
    register(LiveRule(service, collect_service, file_feeds(FEEDS)[service.id], _touches))
