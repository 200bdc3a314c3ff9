"""How saved views of the lists of accounts and alerts are read where a tile shows one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.http import QueryDict

from trackline.accounts.rates import rates_in_force
from trackline.book.dashboards import lists
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest
from trackline.kit.records.ordering import order_keys
from trackline.kit.records.queries import ListParams
from trackline.workspace.queries.accounts.asked import Asked as AccountsAsked
from trackline.workspace.queries.accounts.filters import ACCOUNT, matching
from trackline.workspace.queries.alerts.asked import Asked as AlertsAsked
from trackline.workspace.queries.alerts.listing import asked_for

Read = tuple[ListParams, Q | None, tuple[str, ...], list[str]]


def _accounts(ctx: Context, query: str) -> Read:
    asked = AccountsAsked.of_text(query)
    found, unread = matching(ctx, asked, rates_in_force(ctx.today))
    return ListParams(order=_known(asked.order)), Q(pk__in=found.values("pk")), asked.columns, unread


def _alerts(ctx: Context, query: str) -> Read:
    found, unread = asked_for(ctx, AlertsAsked.of(QueryDict(query)))
    return ListParams(order="-fired_at"), Q(pk__in=found.values("pk")), (), unread


def _known(order: str) -> str:
    """The order of a view where fields alone decide it; an order by what is computed is that of the list."""
    try:
        order_keys(ACCOUNT, order)
    except BadRequest:
        return ""
    return order


LISTS: Sequence[tuple[str, str]] = (("account", "Accounts"), ("alert", "Alerts"))
"""Record types whose lists have views, and what these lists are called."""


def register() -> None:
    """Let tiles show views."""
    lists.views |= {"account": _accounts, "alert": _alerts}
