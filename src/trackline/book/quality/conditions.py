"""What a check asks of the database: to which records it applies, and which of them pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, cast

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Concat, Lower, Replace, TruncDate

from trackline.accounts.duplicates import find_duplicates
from trackline.accounts.kpis import IN_USE
from trackline.accounts.models import Account, Contact, Metric
from trackline.accounts.rates import rates_in_force
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import setting
from trackline.accounts.tending import past_touch
from trackline.align.models import OPEN_CYCLES, Contract, ContractItem, RenewalCycle
from trackline.align.rules.gate import OPEN as OPEN_ROUTES
from trackline.book.quality.checks import Check
from trackline.book.queries.renewals import GONE
from trackline.book.rules.quality import QualityParameters, quality
from trackline.book.rules.tier_facts import wiring as margins
from trackline.choose.rules.states import OPEN_PLAYS
from trackline.core.decimals import HUNDRED
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import RecordType, registry
from trackline.reveal.models import Goal
from trackline.reveal.queries import check_in_overdue, with_rhythm
from trackline.reveal.rules.progress import CLOSED
from trackline.track.models import HealthSnapshot
from trackline.track.rules.health_inputs import wiring as ages

ALIVE = Q(deleted_at__isnull=True)
VIEWED = (Account.Status.ONBOARDING, Account.Status.ACTIVE, Account.Status.AT_RISK)
HOST = r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$"
EMAIL = r"^[^@\s]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$"
PHONE = r"^\+?[0-9 ()./-]{6,30}( ?(x|ext\.?) ?[0-9]{1,6})?$"
ONLY: Mapping[str, Q] = {
    "account.arr": ~Q(status="prospect"),
    "account.renewal_date": ~Q(status="prospect"),
    "route.product": Q(type__in=("upsell", "cross_sell")),
}
"""Fields that only some records need: who is no customer yet has no ARR, and only what sells a product names one."""


@dataclass(frozen=True)
class Test:
    """The records that a check applies to, and those of them that pass."""

    applies: Q
    passes: Q

    @property
    def fails(self) -> Q:
        """Those that fail."""
        return self.applies & ~self.passes


class Against:
    """What checks go by on a day: figures of the rule, limits of other rules, rates. Each is read once, when it is asked.

    `accounts` are those that count, as a query of their ids; None: all that the actor sees.
    """

    def __init__(self, ctx: Context, accounts: QuerySet[Any] | None = None) -> None:
        self.ctx, self.today, self.accounts = ctx, ctx.today, accounts
        self.overrides = Overrides.load(ctx.today)
        self.in_force = self.overrides.in_force(quality, ctx.today)

    @property
    def p(self) -> QualityParameters:
        """The figures of the rule in force."""
        return cast(QualityParameters, self.in_force.parameters)

    @cached_property
    def rated(self) -> list[str]:
        """Currencies that the book can convert."""
        rates = rates_in_force(self.today)
        return sorted({rates.book, *rates.worth})

    @cached_property
    def duplicates(self) -> Mapping[str, list[int]]:
        """Accounts and contacts that seem to be an older one again, by type. Source: DQ-03."""
        types = [registry.get(name) for name in ("account", "contact")]
        return {
            one.name: sorted({row.pair.other for row in find_duplicates(self.ctx, one, self.accounts)}) for one in types
        }

    def agrees(self, name: str, other: Any) -> Q:
        """The condition that an amount lies as near to another one as the tolerance asks."""
        share = self.p.tolerance_pct / HUNDRED
        return Q(**{f"{name}__gte": other * (1 - share), f"{name}__lte": other * (1 + share)})


def population(against: Against, rtype: RecordType) -> QuerySet[Any]:
    """Return the records of a type that count: those the actor sees, at customers that have not left, and not over."""
    rows = scoped(against.ctx, rtype).order_by()
    if against.accounts is not None:
        rows = rows.filter(**{f"{rtype.account_pk_path}__in": against.accounts})
    today = against.today
    if rtype.is_account:
        return rows.exclude(status__in=GONE)
    there = rows.exclude(account__status__in=GONE)
    if rtype.name == "contact":
        return there.filter(status=Contact.Status.ACTIVE)
    if rtype.name == "route":
        return rows.filter(state__in=OPEN_ROUTES)
    if rtype.name == "contract":
        return there.filter(_running(today))
    if rtype.name == "renewal_cycle":
        return there.filter(state__in=OPEN_CYCLES)
    if rtype.name == "metric":
        return rows.filter(IN_USE, active=True)
    if rtype.name == "observation":
        wired = margins()
        since = today - timedelta(days=wired.max_age_days)
        return there.filter(metric__key__in=wired.metrics["margin"], metric__account__isnull=True, on__gte=since)
    states: Mapping[str, Q] = {
        "goal": ~Q(status__in=CLOSED),
        "play": Q(status__in=OPEN_PLAYS),
        "action": Q(status="open"),
        "risk": Q(status__in=("open", "mitigating")),
    }
    return there.filter(states[rtype.name]) if rtype.name in states else there


def condition(against: Against, check: Check) -> Test:
    """Return what a check asks."""
    return TESTS[check.test](against, check)


# -- tests that several types share --------------------------------------------------------------------------------


def _filled(against: Against, check: Check) -> Test:
    name = check.fields[0]
    field = registry.get(check.record).model._meta.get_field(name)
    text = not field.null and field.empty_strings_allowed
    empty = Q(**{name: ""}) if text else Q(**{f"{name}__isnull": True})
    return Test(ONLY.get(f"{check.record}.{name}", Q()), ~empty)


def _owner_active(against: Against, check: Check) -> Test:
    return Test(Q(owner__isnull=False), Q(owner__active=True, owner__deleted_at__isnull=True))


def _ahead(against: Against, check: Check) -> Test:
    name = check.fields[0]
    return Test(Q(**{f"{name}__isnull": False}), Q(**{f"{name}__gte": against.today}))


def _in_order(against: Against, check: Check) -> Test:
    first, second = check.fields
    return Test(
        Q(**{f"{first}__isnull": False, f"{second}__isnull": False}), Q(**{f"{first}__lte": F(second)})
    )  # fmt: skip


def _after_created(against: Against, check: Check) -> Test:
    name = check.fields[0]
    return Test(Q(**{f"{name}__isnull": False}), Q(**{f"{name}__gte": TruncDate("created_at")}))


def _above_zero(against: Against, check: Check) -> Test:
    name = check.fields[0]
    return Test(Q(**{f"{name}__isnull": False}), Q(**{f"{name}__gt": 0}))


def _twin(against: Against, check: Check) -> Test:
    name = check.fields[0]
    older = population(against, registry.get(check.record)).filter(
        **{"account": OuterRef("account"), f"{name}__iexact": OuterRef(name), "pk__lt": OuterRef("pk")}
    )
    return Test(~Q(**{name: ""}), ~Q(Exists(older)))


def _duplicate(against: Against, check: Check) -> Test:
    return Test(Q(), ~Q(pk__in=against.duplicates[check.record]))


def _currency_of_account(against: Against, check: Check) -> Test:
    same = Q(currency=F("account__currency")) | Q(account__currency="") | Q(currency__in=against.rated)
    return Test(~Q(currency=""), same)


# -- accounts and contacts -----------------------------------------------------------------------------------------


def _domain_format(against: Against, check: Check) -> Test:
    return Test(~Q(domain=""), Q(domain__iregex=HOST))


def _currency_rated(against: Against, check: Check) -> Test:
    return Test(~Q(currency=""), Q(currency__in=against.rated))


def _arr_of_contracts(against: Against, check: Check) -> Test:
    """Only where every running contract tells its ARR in the currency of the account: else the sum is not known."""
    mine = Contract.objects.filter(ALIVE, _running(against.today), account=OuterRef("pk"))
    other = mine.filter(Q(arr__isnull=True) | ~Q(currency__in=("", OuterRef("currency"))))
    whole = Subquery(mine.order_by().values("account").annotate(sum=Sum("arr")).values("sum"))
    return Test(Q(Exists(mine)) & ~Q(Exists(other)) & Q(arr__isnull=False), against.agrees("arr", whole))


def _renewal_of_cycle(against: Against, check: Check) -> Test:
    mine = RenewalCycle.objects.filter(ALIVE, account=OuterRef("pk"), state__in=OPEN_CYCLES)
    next_on = Subquery(mine.order_by("renewal_date", "pk").values("renewal_date")[:1])
    return Test(Q(Exists(mine)) & Q(renewal_date__isnull=False), Q(renewal_date=next_on))


def _sponsor_there(against: Against, check: Check) -> Test:
    return _contact_there("customer_sponsor")


def _boss_there(against: Against, check: Check) -> Test:
    return _contact_there("reports_to")


def _contact_there(name: str) -> Test:
    there = Q(**{f"{name}__status": Contact.Status.ACTIVE, f"{name}__deleted_at__isnull": True})
    return Test(Q(**{f"{name}__isnull": False}), there)


def _health_viewed(against: Against, check: Check) -> Test:
    since = against.today - timedelta(days=int(setting("snapshot.max_age_days")))
    views = HealthSnapshot.objects.filter(ALIVE, account=OuterRef("pk"), on__gte=since)
    return Test(Q(status__in=VIEWED), Q(Exists(views)))


def _email_format(against: Against, check: Check) -> Test:
    return Test(~Q(email=""), Q(email__iregex=EMAIL))


def _phone_format(against: Against, check: Check) -> Test:
    return Test(~Q(phone=""), Q(phone__iregex=PHONE))


def _email_of_account(against: Against, check: Check) -> Test:
    """The domain of the account or of the one above it, or anything below either."""
    ends = Q()
    for name in ("account__domain", "account__parent__domain"):
        host = Replace(Lower(name), Value("www."), Value(""))
        told = ~Q(**{name: ""}) & Q(**{f"{name}__isnull": False})
        ends |= told & (
            Q(email__iendswith=Concat(Value("@"), host)) | Q(email__iendswith=Concat(Value("."), host))
        )  # fmt: skip
    return Test(~Q(email="") & ~Q(account__domain=""), ends)


def _touched(against: Against, check: Check) -> Test:
    people = population(against, registry.get("contact"))
    return Test(Q(last_touch_on__isnull=False), ~past_touch(people, against.today, against.overrides).late)


# -- routes, contracts, renewals -----------------------------------------------------------------------------------


def _account_there(against: Against, check: Check) -> Test:
    return Test(Q(), ~Q(account__status__in=GONE))


def _product_sold(against: Against, check: Check) -> Test:
    return Test(Q(product__isnull=False), Q(product__active=True, product__deleted_at__isnull=True))


def _not_signed_open(against: Against, check: Check) -> Test:
    return Test(Q(), Q(signed_on__isnull=True))


def _arr_of_items(against: Against, check: Check) -> Test:
    mine = ContractItem.objects.filter(ALIVE, contract=OuterRef("pk"))
    whole = Subquery(mine.order_by().values("contract").annotate(sum=Sum("arr")).values("sum"))
    known = Q(Exists(mine)) & ~Q(Exists(mine.filter(arr__isnull=True)))
    return Test(known & Q(arr__isnull=False), against.agrees("arr", whole))


def _date_of_contract(against: Against, check: Check) -> Test:
    return Test(Q(contract__isnull=False, contract__end_on__isnull=False), Q(renewal_date=F("contract__end_on")))


# -- measures ------------------------------------------------------------------------------------------------------


def _margin_range(against: Against, check: Check) -> Test:
    return Test(Q(), Q(value__gte=against.p.margin_low, value__lte=against.p.margin_high))


def _not_ahead(against: Against, check: Check) -> Test:
    return Test(Q(), Q(on__lte=against.today))


def _unit_of_metric(against: Against, check: Check) -> Test:
    return Test(~Q(unit=""), Q(unit=F("metric__unit")))


def _direction_of_metric(against: Against, check: Check) -> Test:
    return Test(~Q(direction=""), Q(direction=F("metric__direction")))


def _same_name(against: Against, check: Check) -> Test:
    of_all = Q(account__isnull=True) | Q(account=OuterRef("account"))
    older = Metric.objects.filter(
        ALIVE, of_all, active=True, name__iexact=OuterRef("name"), pk__lt=OuterRef("pk")
    )  # fmt: skip
    return Test(Q(), ~Q(Exists(older)))


def _read_in_time(against: Against, check: Check) -> Test:
    fresh = Q()
    for rhythm, days in ages().max_age_days.items():
        fresh |= Q(refresh=rhythm, current_on__gte=against.today - timedelta(days=days))
    return Test(Q(), fresh)


# -- goals and work ------------------------------------------------------------------------------------------------


def _checked_in(against: Against, check: Check) -> Test:
    goals = with_rhythm(Goal.objects.filter(ALIVE).exclude(status__in=CLOSED))
    overdue = goals.filter(check_in_overdue(against.today))
    return Test(Q(), ~Q(pk__in=overdue.order_by().values("pk")))


def _reviewed(against: Against, check: Check) -> Test:
    since = against.today - timedelta(days=against.p.review_days)
    made = Q(reviewed_on__isnull=True, created_at__gte=datetime.combine(since, time.min, UTC))
    return Test(Q(), Q(reviewed_on__gte=since) | made)


def _running(today: date) -> Q:
    return Q(end_on__isnull=True) | Q(end_on__gte=today)


TESTS: Mapping[str, Callable[[Against, Check], Test]] = {
    "filled": _filled,
    "owner_active": _owner_active,
    "ahead": _ahead,
    "in_order": _in_order,
    "after_created": _after_created,
    "above_zero": _above_zero,
    "twin": _twin,
    "duplicate": _duplicate,
    "currency_of_account": _currency_of_account,
    "domain_format": _domain_format,
    "currency_rated": _currency_rated,
    "arr_of_contracts": _arr_of_contracts,
    "renewal_of_cycle": _renewal_of_cycle,
    "sponsor_there": _sponsor_there,
    "boss_there": _boss_there,
    "health_viewed": _health_viewed,
    "email_format": _email_format,
    "phone_format": _phone_format,
    "email_of_account": _email_of_account,
    "touched": _touched,
    "account_there": _account_there,
    "product_sold": _product_sold,
    "not_signed_open": _not_signed_open,
    "arr_of_items": _arr_of_items,
    "date_of_contract": _date_of_contract,
    "margin_range": _margin_range,
    "not_ahead": _not_ahead,
    "unit_of_metric": _unit_of_metric,
    "direction_of_metric": _direction_of_metric,
    "same_name": _same_name,
    "read_in_time": _read_in_time,
    "checked_in": _checked_in,
    "reviewed": _reviewed,
}
