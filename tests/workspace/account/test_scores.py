"""Scores on the pages of an account: what they say, what is missing, where it is fixed, and who may."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import Cast, make
from tests.workspace.account.world import days, now_context, today
from trackline.accounts.models import Metric, Score
from trackline.accounts.rulebook.refresh import refresh_scores
from trackline.workspace.queries.account.cards.pipeline import Fan
from trackline.workspace.queries.account.cards.strip import cards_of
from trackline.workspace.queries.account.head import Head, head_of
from trackline.workspace.templatetags.score_charts import forecast_fan

NUMBERS = ("accounts.stakeholders.coverage", "align.pipeline.weighted", "align.expansion.readiness", "watch.churn_risk")


def add(record_type: str, **data: Any) -> Any:
    return make(record_type, ctx=now_context(), **data)


def fill(cast: Cast) -> dict[str, Any]:
    """People, routes, alerts and goals that say something."""
    account = cast.account
    made = {
        "bea": add("contact", account=account, name="Bea", seniority="director", function="Operations",
                   buying_role="champion", last_touch_on=days(-5)),
        "abe": add("contact", account=account, name="Abe", seniority="c_suite", function="Finance",
                   buying_role="economic_buyer", last_touch_on=days(-120)),
        "cem": add("contact", account=account, name="Cem", last_touch_on=days(-5)),
        "alert": add("alert", account=account, rule="SIG-20", title="Champion left", severity="critical"),
    }  # fmt: skip
    for title, value, chance in (("First", 120_000, 60), ("Second", 80_000, 30)):
        add("route", account=account, title=title, type="upsell", value=value, probability=chance, owner=cast.owner)
    return made


def page(client: Client, cast: Cast, person: str, path: str = "") -> str:
    client.force_login(getattr(cast, person))
    answer = client.get(f"/accounts/{cast.account.key}{path}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def text(html: str) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


def head(cast: Cast) -> Head:
    return head_of(now_context(), cast.account.key)


def test_the_overview_shows_each_score_with_its_day_and_its_reasons(cast: Cast, client: Client) -> None:
    fill(cast)
    html = page(client, cast, "owner")
    said = text(html)
    for rule in NUMBERS:
        assert f'href="/accounts/{cast.account.key}/scores/{rule}"' in html
    for words in ("11.1 %", "1 of 9 cells, 9 asked", "€96k", "weighted, of €200k", "0 of 5 conditions, not ready"):
        assert words in said, words
    assert "64.0 of 100, high is bad" in said
    assert (
        f'data-panel="alert/{Score.objects.filter(rule=NUMBERS[3]).latest("on").inputs["open_signals"]["sources"][0]["record_id"]}"'
        in html
    )


def test_an_account_without_scores_shows_none_and_invents_none(cast: Cast, client: Client) -> None:
    Score.objects.all().delete()
    assert "score-strip" not in page(client, cast, "owner")
    assert "Not computed yet" in page(client, cast, "owner", "/align/forecast")


def test_the_scores_of_the_overview_take_one_query(cast: Cast) -> None:
    fill(cast)
    top = head(cast)
    with CaptureQueriesContext(connection) as seen:
        assert cards_of(top) is not None
    assert len(seen) == 1


def test_coverage_names_the_solo_the_silent_and_the_unplaced(cast: Cast, client: Client) -> None:
    made = fill(cast)
    html = page(client, cast, "owner", "/track/contacts")
    said = text(html)
    assert "1 of 9 cells covered; one cell hangs on one person: if one leaves, 0 of 9 remain." in said
    assert "Abe 120 d silent" in said
    assert "No active contact in the C-suite Abe: last touch 120 d ago." in said
    assert "No active executive sponsor Nobody on record." in said
    assert "Tier 1 asks for 9 of 9 cells, 1 reached" in said
    assert "Cem : no seniority and no functional area." in said
    assert f"contacts={made['abe'].pk}" in html
    form = client.get(f"/r/interaction/new?account={cast.account.pk}&contacts={made['abe'].pk}")
    assert f'value="{made["abe"].pk}"' in form.content.decode()
    # Who only reads sees what is missing, and no way to write.
    told = page(client, cast, "facilitator", "/track/contacts")
    assert "No active contact in the C-suite" in told
    assert "Log a touch" not in told


def test_who_was_never_touched_is_on_record_and_waits_for_a_touch(cast: Cast, client: Client) -> None:
    account = cast.account
    top = add("contact", account=account, name="Dana", seniority="c_suite")
    add("contact", account=account, name="Eli", seniority="manager", buying_role="champion", last_touch_on=days(-200))
    add("contact", account=account, name="Fay", seniority="manager", buying_role="champion")
    html = page(client, cast, "owner", "/track/contacts")
    said = text(html)
    assert "No active contact in the C-suite Dana: no two-way touch on record. Log a touch" in said
    assert "No active champion Eli: last touch 200 d ago. Log a touch" in said
    assert "No active economic buyer Nobody on record. Add a contact" in said
    assert "a sound thread. 3 more stand on record without a touch that counts. Log a touch" in said
    assert f"contacts={top.pk}" in html
    assert "Log a touch" not in text(page(client, cast, "facilitator", "/track/contacts"))


def test_the_way_out_of_a_gap_opens_with_what_is_known(cast: Cast, client: Client) -> None:
    fill(cast)
    html = page(client, cast, "owner", "/align/forecast")
    links = dict.fromkeys(re.findall(r'href="(/r/(?:note|observation)/new\?[^"]+)"', html))
    assert len(links) >= 3
    for link in links:
        form = client.get(link.replace("&amp;", "&"))
        assert form.status_code == 200
        given = re.search(r"tags=(\w+)", link)
        assert given is None or f'value="{given[1]}"' in form.content.decode()
    assert any("tags=buyer_aware" in link for link in links)
    assert any("tags=new_use_case" in link for link in links)


def test_the_forecast_says_what_it_stands_against(cast: Cast, client: Client) -> None:
    fill(cast)
    html = page(client, cast, "owner", "/align/forecast")
    said = text(html)
    assert "Nine in ten chances of €0 or more, even odds of €120k, one in ten of €200k." in said
    assert "Pipeline target : no reading. Record it" in said
    assert "no target" in said
    metric = Metric.objects.get(key="pipeline_target")
    add("observation", account=cast.account, metric=metric, on=days(-1), value=100_000)
    said = text(page(client, cast, "owner", "/align/forecast"))
    assert "60 % of €100k" in said
    assert "Pipeline target" not in said


def test_readiness_says_what_each_condition_rests_on(cast: Cast, client: Client) -> None:
    fill(cast)
    add("value_outcome", account=cast.account, title="Hours saved", money=9, verified_on=days(-9))
    said = text(page(client, cast, "owner", "/align/forecast"))
    assert "1 of 5 conditions met" in said
    assert "Met: Return documented Hours saved : verified" in said
    assert "Not met: Champion active and satisfied Bea : no rating, active Record the rating" in said
    assert "Not met: New use case none mentioned in 180 d Note it" in said
    assert "Not met: Renewal far enough no renewal date Set the date" in said


def test_churn_risk_shows_the_alerts_behind_it(cast: Cast, client: Client) -> None:
    made = fill(cast)
    html = page(client, cast, "owner", "/track/issues")
    assert f'data-panel="alert/{made["alert"].pk}"' in html
    assert "Critical 2 40 % 64.0" in text(html)  # with that of the single thread


def test_goals_say_how_far_they_are_from_the_straight_line(cast: Cast, client: Client) -> None:
    add("goal", account=cast.account, title="Late", baseline=0, target=100, current=10, owner=cast.owner,
        start_on=days(-50), due_on=days(50))  # fmt: skip
    assert "Off track 40 pt behind" in text(page(client, cast, "owner"))
    said = text(page(client, cast, "owner", "/reveal/goals"))
    assert "Off track , 40 pt behind the straight line" in said
    assert "at risk from 10 points behind it, off track from 25" in said


def test_the_renewal_shows_its_steps_and_value_its_share(cast: Cast, client: Client) -> None:
    add("renewal_cycle", account=cast.account, renewal_date=days(200))
    add("value_outcome", account=cast.account, title="Hours saved", money=90, committed=100, verified_on=days(-9))
    said = text(page(client, cast, "owner", "/align/contracts"))
    assert "0 of 13 steps done, none late · 180 days, for key accounts" in said
    assert "No play runs this renewal" in said
    assert "Why 90.0 % of what was committed" in text(page(client, cast, "owner", "/reveal/value"))


@pytest.mark.parametrize("path", ["", "/track/contacts", "/align/forecast"])
def test_an_outsider_sees_none_of_it(cast: Cast, client: Client, path: str) -> None:
    client.force_login(cast.outsider)
    assert client.get(f"/accounts/{cast.account.key}{path}").status_code == 404


def test_an_old_score_says_so(cast: Cast, client: Client) -> None:
    fill(cast)
    Score.objects.filter(rule=NUMBERS[0]).exclude(on=today()).delete()
    Score.objects.filter(rule=NUMBERS[0]).update(on=days(-9))
    assert "stale, 9 d" in text(page(client, cast, "owner", "/track/contacts"))
    refresh_scores([cast.account.pk], today())
    assert "stale" not in text(page(client, cast, "owner", "/track/contacts"))


def test_names_on_the_fan_never_overlap() -> None:
    same = Fan({"p10": 0, "p50": 0, "p90": 0}, 0, None, 0, "EUR")  # type: ignore[dict-item, arg-type]
    assert "p10–p90 €0" in forecast_fan(same, "Nothing")


def test_surveys_and_execution_say_what_they_rest_on(cast: Cast, client: Client) -> None:
    for metric, value in (("nps", 40), ("csat", 4.3)):
        add("observation", account=cast.account, metric=Metric.objects.get(key=metric), on=days(-1), value=value)
    said = text(page(client, cast, "owner", "/track/health"))
    assert "80.0 relationship health index, coverage 75 %" in said
    assert "CES : no result. Record it" in said
    kept = {"account": cast.account, "formula_key": "actions_on_time"}
    own = add("execution_metric", name="Ours", target=50, **kept)
    add("execution_metric", name="Unread", **kept)
    for metric, done, due in ((own, 9, 20), (own, 12, 20)):
        start = days(-200) if done == 9 else days(-100)
        add("execution_reading", metric=metric, period_start=start, numerator=done, denominator=due)
    said = text(page(client, cast, "owner", "/kickoff/metrics"))
    assert "Ours 12 of 20 60 % 50 %" in said
    assert "Unread no reading no reading 90 %" in said


def test_a_pipeline_in_a_currency_without_a_rate_is_not_told_as_nothing(cast: Cast, client: Client) -> None:
    add("route", account=cast.account, title="Abroad", type="upsell", value=48_000, currency="NOK", probability=60,
        owner=cast.owner)  # fmt: skip
    said = text(page(client, cast, "owner"))
    assert "Pipeline not known 1 of 1 open route left out: no exchange rate of NOK." in said
    assert "weighted, of €0" not in said
    add("route", account=cast.account, title="At home", type="upsell", value=80_000, probability=50, owner=cast.owner)
    said = text(page(client, cast, "owner"))
    assert "weighted, of €80k 1 of 2 open routes left out: no exchange rate of NOK." in said
    assert "1 of 2 open routes left out: no exchange rate of NOK." in text(
        page(client, cast, "owner", "/align/forecast")
    )
