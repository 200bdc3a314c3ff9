"""The pages named under "In use" are those that show a score."""

from __future__ import annotations

from collections import defaultdict

import pytest
from django.test import Client

from tests.accounts.rulebook.test_refresh import WORKED
from tests.factories import make, make_cast
from tests.workspace.account.world import days, now_context, today
from trackline.accounts.models import Metric
from trackline.accounts.rulebook.live import live_rules
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.workspace.queries.account.tabs import TABS
from trackline.workspace.queries.rulebook.use import pages_of

pytestmark = pytest.mark.django_db


def test_each_score_is_named_where_it_is_shown() -> None:
    cast = make_cast()
    account = cast.account
    ctx = now_context()
    make("contact", ctx=ctx, account=account, name="Bea", seniority="director", buying_role="champion")
    make("route", ctx=ctx, account=account, title="First", type="upsell", value=9, probability=60)
    make("alert", ctx=ctx, account=account, rule="SIG-20", title="Champion left", severity="critical")
    make("renewal_cycle", ctx=ctx, account=account, renewal_date=days(200))
    make("value_outcome", ctx=ctx, account=account, title="Hours", money=90, committed=100, verified_on=days(-9))
    for metric, value in (WORKED | {"nps": 40, "csat": 4.3}).items():
        known = Metric.objects.get(key=metric)
        make("observation", ctx=ctx, account=account, metric=known, on=days(-1), value=value)
    refresh_scores([account.pk], today())
    client = Client()
    client.force_login(cast.owner)
    tabs = {f"{tab.label} of each account": f"/{section}/{tab.key}" for section, found in TABS.items() for tab in found}
    shown = defaultdict(set)
    for label, path in ({"Overview of each account": ""} | tabs).items():
        page = client.get(f"/accounts/{account.key}{path}").content.decode()
        for live in live_rules():
            if f"/accounts/{account.key}/scores/{live.rule.id}" in page:
                shown[live.rule.id].add(label)
    named = {
        live.rule.id: {label for label, _url in pages_of(live.rule.id) if label.endswith(" of each account")}
        for live in live_rules()
    }
    assert {rule: labels for rule, labels in named.items() if labels} == dict(shown)
