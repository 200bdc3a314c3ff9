"""`trackline portfolio`: figures of the whole book."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, TypeVar

import click

from trackline.book.models import ScoringModel
from trackline.book.queries.accuracy import BY as ACCURACY_BY
from trackline.book.queries.accuracy import MOST, PERIODS, accuracy
from trackline.book.queries.at_risk import at_risk, told
from trackline.book.queries.backtest import backtest_json, chance_words
from trackline.book.queries.forecast import forecast
from trackline.book.queries.initiatives import initiatives
from trackline.book.queries.narrowing import FILTERS
from trackline.book.queries.pipeline import BY, STATES, pipeline
from trackline.book.queries.readiness import SHOWS as READY
from trackline.book.queries.readiness import readiness_json
from trackline.book.queries.register import SHOWS
from trackline.book.queries.renewals import renewals
from trackline.book.queries.retention import retention
from trackline.book.queries.scenarios import effect_of, supposed_by
from trackline.book.queries.score import score
from trackline.book.queries.scorecards import Asked, clocks, judged_json, judged_of, listed, listed_json
from trackline.book.queries.tiers import evidence_json, tiers
from trackline.book.queries.whitespace import SHOWS as CELLS
from trackline.book.queries.whitespace import whitespace
from trackline.book.scoring.scenarios import supposing
from trackline.kit import formats
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

from .caller import operator
from .output import examples, json_option, note, print_json, print_table

F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value) if len(value) == len("2026-06-30") else self.fail("", param, ctx)
        except (ValueError, click.BadParameter):
            self.fail(f"{value!r} is no date: YYYY-MM-DD is expected.", param, ctx)


NARROWED = (
    ("owner", "Only accounts of this manager, by user name."),
    ("tier", "Only accounts of this tier."),
    ("region", "Only accounts of this region."),
    ("industry", "Only accounts of this industry."),
    ("group", "Only this account, by its key, and those below it."),
)
as_of_option = click.option(
    "--as-of", type=Day(), metavar="DATE", help="The day the figures are of, YYYY-MM-DD. [default: today]"
)


def narrowed(command: F) -> F:
    """Give a command the filters of accounts; they come as one mapping `filters`."""

    @wraps(command)
    def run(**given: Any) -> Any:
        filters = {name: value for name in FILTERS if (value := given.pop(name))}
        return command(filters=filters, **given)

    for name, words in reversed(NARROWED):
        run = click.option(f"--{name}", metavar="TEXT", help=words)(run)
    return run  # type: ignore[return-value]  # options change no signature that callers see


@click.group(
    epilog=examples(
        "trackline portfolio score",
        "trackline portfolio forecast --json",
        "trackline portfolio pipeline --by owner --state won",
        "trackline portfolio retention --from 2025-12-31 --to 2026-12-31",
        "trackline portfolio renewals --days 180",
        "trackline portfolio at-risk --owner katrin-vogel",
        "trackline portfolio tiers --show differs",
        "trackline portfolio tier ardent-rail --to 2",
        "trackline portfolio whitespace --show go",
        "trackline portfolio readiness --show ready",
        "trackline portfolio initiatives",
        "trackline portfolio backtest --as-of 2025-12-31",
        "trackline portfolio scorecards --level manager",
        "trackline portfolio scenario --weight values=2 --capacity 1=4",
    )
)
def command() -> None:
    """Figures of the whole book, in its own currency at stored rates."""


@command.command("score", epilog=examples("trackline portfolio score --json"))
@as_of_option
@json_option
def score_(as_of: date | None, as_json: bool) -> None:
    """Rank all accounts by the scoring model in force: score from 0 to 100, rank, the tier its cut-offs propose.

    Computed now and stored nowhere; `trackline refresh` keeps what the pages show.
    """
    ctx = operator()
    found = score(ctx, as_of or ctx.today)
    if as_json:
        print_json(found)
        return
    rows = [
        (row["rank"], row["name"], formats.number(row["score"], 1), f"T{row['tier']}" if row["tier"] else "",
         f"T{row['tier_now']}" if row["tier_now"] else "", "provisional" if row["provisional"] else "", ", ".join(row["depends_on"]))
        for row in found["accounts"]
    ]  # fmt: skip
    print_table(
        ("Rank", "Account", "Score", "Proposed", "Tier", "", "Tier hangs on"), rows, "No account could be scored."
    )
    _tell(found["notes"])


@command.command(
    "backtest",
    epilog=examples("trackline portfolio backtest", "trackline portfolio backtest --as-of 2025-06-30 --model 2 --json"),
)
@click.option(
    "--until", type=Day(), metavar="DATE", help="The last day of what became of them. [default: a year after]"
)
@click.option("--model", metavar="ID", help="A scoring model. [default: the one in force]")
@click.option("--as-of", type=Day(), metavar="DATE", help="The day looked back to. [default: a year ago]")
@json_option
def backtest_(until: date | None, model: str | None, as_of: date | None, as_json: bool) -> None:
    """Whether scores foretold what became of the accounts: who stayed, renewed, expanded, what was won, how margins moved.

    Accounts that were customers on the day are scored on figures of that day; what records tell since is the outcome.
    """
    found = backtest_json(operator(), as_of, until, model)
    if as_json:
        print_json(found)
        return
    click.echo(
        f"{found['of']:,} accounts scored as of {found['as_of']}, and what became of them until {found['until']}"
    )
    words = {"foretold": "foretold", "not_foretold": "not foretold", "insufficient": "too few to judge"}
    rows = [
        (one["label"], one["accounts"], "" if one["rho"] is None else formats.number(one["rho"], 2),
         chance_words(one["chance_pct"]), words[one["verdict"]])
        for one in found["outcomes"]
    ]  # fmt: skip
    print_table(("Outcome", "Accounts", "ρ", "By chance", ""), rows, "")
    _tell([*found["notes"], *(f"{one['label']}: {text}" for one in found["outcomes"] for text in one["notes"])])


class Pair(click.ParamType[tuple[str, str]]):
    """A name and a number as NAME=NUMBER."""

    name = "pair"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return name and number."""
        if isinstance(value, tuple):
            return value
        key, sign, number = value.partition("=")
        if not key or not sign:
            self.fail(f"{value!r}: NAME=NUMBER is expected, like risk=2.", param, ctx)
        return key.strip(), number.strip()


@command.command(
    "scenario",
    epilog=examples(
        "trackline portfolio scenario --weight values=2 --weight concentration=2",
        "trackline portfolio scenario --figure influence=0.5 --capacity 1=4 --json",
        "trackline portfolio scenario 3",
    ),
)
@click.argument("scenario", required=False)
@click.option("--weight", "weights", type=Pair(), multiple=True, metavar="KEY=FACTOR", help="Factor on a weight.")
@click.option("--figure", "figures", type=Pair(), multiple=True, metavar="KEY=FACTOR", help="Factor on a figure, to 1.")
@click.option("--cutoffs", type=click.Choice(ScoringModel.Cutoffs.values), help="Another method of cut-offs.")
@click.option("--cut", "cuts", type=Pair(), multiple=True, metavar="TIER=SCORE", help="Score at which a tier begins.")
@click.option("--capacity", "capacities", type=Pair(), multiple=True, metavar="TIER=N", help="Most accounts of a tier.")
@json_option
def scenario_(scenario: str | None, cutoffs: str | None, as_json: bool, **pairs: tuple[tuple[str, str], ...]) -> None:
    """The ranking as it would be: SCENARIO is the id of a saved one; without it the options say what is supposed.

    Nothing is stored, and the live ranking never changes.
    """
    ctx = operator()
    asked: dict[str, Any] = {name: dict(given) for name, given in pairs.items()}
    if scenario and (cutoffs or any(asked.values())):
        raise click.UsageError("Name a saved scenario, or say what is supposed; not both.")
    if scenario:
        what = supposed_by(get(ctx, registry.get("scoring_scenario"), scenario))
    else:
        what = supposing(asked | {"cutoffs": cutoffs or ""})
    found = effect_of(ctx, what).to_json()
    if as_json:
        print_json(found)
        return
    rows = [
        (one["name"], *(f"{side['rank']}. {formats.number(side['score'], 1)} {_tier(side['tier'])}" if side else "not ranked"
                        for side in (one["before"], one["after"])))
        for one in found["effects"]
    ]  # fmt: skip
    click.echo(f"{found['tiers']} of {found['accounts']:,} accounts would score for another tier")
    print_table(("Account", "Rank, score, tier now", "Then"), rows, "No score changes.")
    _tell(found["notes"])


def _tier(number: int | None) -> str:
    return f"T{number}" if number else "no tier"


@command.command(
    "forecast", epilog=examples("trackline portfolio forecast", "trackline portfolio forecast --target 2500000 --json")
)
@click.option("--target", type=click.FloatRange(min=0), help="A total whose chance is asked for.")
@narrowed
@as_of_option
@json_option
def forecast_(target: float | None, as_of: date | None, as_json: bool, filters: dict[str, str]) -> None:
    """What the open routes bring in: mean and quantiles of all outcomes, weighted value, commit, by quarter and target.

    The distribution is exact wherever it can be computed. Commit is what is promised for the fiscal quarter: probability of
    80 or more, pursued, closing in it.
    """
    ctx = operator()
    found = forecast(ctx, as_of or ctx.today, None if target is None else Decimal(repr(target)), filters)
    if as_json:
        print_json(found)
        return
    money = _money(found["currency"])
    quantiles = found["quantiles"]
    click.echo(f"{found['count']:,} open routes, {money(found['gross'])}, as of {found['as_of']}")
    click.echo(f"Mean {money(found['mean'])} ± {money(found['sd'])}, weighted {money(found['weighted'])}")
    click.echo(
        f"One in ten below {money(quantiles['p10'])}, half below {money(quantiles['p50'])}, one in ten above {money(quantiles['p90'])}"
    )
    click.echo(f"Commit for {found['quarter']}: {money(found['commit'])}")
    coverage = found["coverage"]
    if coverage["value"] is not None:
        times = formats.number(coverage["value"], 1)
        click.echo(f"Covers the target of {coverage['from']} to {coverage['to']} {times} times: {coverage['band']}")
    click.echo()
    rows = [
        (row["quarter"] or "no date", row["count"], money(row["gross"]), money(row["weighted"]), money(row["commit"]),
         money(row["won"]), *_aim(row, money))
        for row in found["by_quarter"]
    ]  # fmt: skip
    headings = ("Quarter", "Routes", "Value", "Weighted", "Commit", "Won", "Target", "Chance")
    print_table(headings, rows, "No route is open.")
    _tell(found["notes"])


@command.command(
    "accuracy", epilog=examples("trackline portfolio accuracy --by quarter", "trackline portfolio accuracy --json")
)
@click.option("--by", type=click.Choice(ACCURACY_BY), default="month", show_default=True, help="Months or quarters.")
@click.option("--periods", type=click.IntRange(1, MOST), default=PERIODS, show_default=True, help="How many of them.")
@narrowed
@json_option
def accuracy_(by: str, periods: int, as_json: bool, filters: dict[str, str]) -> None:
    """How close past forecasts came: what the routes said on the eve of each period against what was won in it.

    Routes are seen as they stood then, out of the history of their changes.
    """
    found = accuracy(operator(), by, periods, filters)
    if as_json:
        print_json(found)
        return
    money = _money(found["currency"])
    rows = [
        (row["period"], "not known" if row["forecast"] is None else money(row["forecast"]), money(row["won"]),
         _signed(row["difference_pct"]), "" if row["target"] is None else money(row["target"]))
        for row in found["rows"]
    ]  # fmt: skip
    print_table((by.capitalize(), "Forecast", "Won", "Off", "Target"), rows, "")
    if found["accuracy_pct"] is not None:
        words = "within 10 %" if found["ok"] else "beyond 10 %"
        click.echo(f"The last {found['rolling']} together: {_signed(found['accuracy_pct'])}, {words}")
    owners = [
        (row["name"], money(row["forecast"]), money(row["won"]), _signed(row["accuracy_pct"]))
        for row in found["owners"]
    ]
    if owners:
        click.echo()
        print_table(("Owner", "Forecast", "Won", "Off"), owners, "")
    _tell(found["notes"])


def _signed(pct: Any) -> str:
    return "" if pct is None else f"{'+' if pct > 0 else ''}{formats.percent(pct, 1)}"


@command.command("pipeline", epilog=examples("trackline portfolio pipeline --by quarter --state won --json"))
@click.option("--by", type=click.Choice(BY), required=True, help="What to add up by.")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True, help="Which routes.")
@as_of_option
@json_option
def pipeline_(by: str, state: str, as_of: date | None, as_json: bool) -> None:
    """Value and count of routes by quarter, owner, product, account, group or stage.

    A quarter is the fiscal one in which a route closed, or is expected to.
    """
    ctx = operator()
    found = pipeline(ctx, as_of or ctx.today, by, state)
    if as_json:
        print_json(found)
        return
    money = _money(found["currency"])
    rows = [(row["name"], row["count"], money(row["value"])) for row in found["rows"]]
    print_table((by.capitalize(), "Routes", "Value"), rows, f"No route is {state}.")
    _tell(found["notes"])


@command.command("retention", epilog=examples("trackline portfolio retention --from 2025-12-31 --to 2026-12-31 --json"))
@click.option("--from", "start", type=Day(), metavar="DATE", help="The first day. [default: a year before the last]")
@click.option("--to", "end", type=Day(), metavar="DATE", help="The last day. [default: that of --as-of]")
@as_of_option
@json_option
def retention_(start: date | None, end: date | None, as_of: date | None, as_json: bool) -> None:
    """What the ARR of one day became by a later one: expansion, contraction, churn, net and gross retention."""
    ctx = operator()
    last = end or as_of or ctx.today
    found = retention(ctx, start or last - timedelta(days=365), last)
    if as_json:
        print_json(found)
        return
    money = _money(found["currency"])
    rows = [
        ("Starting ARR", money(found["starting_arr"])),
        ("Expansion", money(found["expansion"])),
        ("Contraction", money(found["contraction"])),
        ("Churn", money(found["churn"])),
        ("Ending ARR", money(found["ending_arr"])),
        ("Net retention", formats.percent(found["nrr_pct"], 1)),
        ("Gross retention", formats.percent(found["grr_pct"], 1)),
    ]
    print_table((f"{found['from']} to {found['to']}", f"{found['accounts']:,} accounts"), rows, "")
    if found["reasons"]:
        reasons = [
            (
                one["reason"] or "nobody said why",
                money(one["churn"]),
                money(one["contraction"]),
                ", ".join(account["name"] for account in one["accounts"]),
            )
            for one in found["reasons"]
        ]
        print_table(("Why", "Churn", "Contraction", "Accounts"), reasons, "")
    _tell(found["notes"])


@command.command(
    "renewals",
    epilog=examples("trackline portfolio renewals --days 180", "trackline portfolio renewals --region EMEA --json"),
)
@click.option("--days", type=click.IntRange(min=0), help="Only those due within so many days.")
@narrowed
@as_of_option
@json_option
def renewals_(days: int | None, as_of: date | None, as_json: bool, filters: dict[str, str]) -> None:
    """Which accounts renew when, for how much, soonest first, with forecast and what speaks against each."""
    ctx = operator()
    found = renewals(ctx, as_of or ctx.today, days, filters)
    if as_json:
        print_json(found)
        return
    money = _money(found["currency"])
    rows = [
        (row["renewal_date"], row["days"], row["name"], f"T{row['tier']}" if row["tier"] else "",
         row["category"].replace("_", " "), row["risk"], "" if row["arr"] is None else money(row["arr"]))
        for row in found["rows"]
    ]  # fmt: skip
    print_table(("Renews", "Days", "Account", "Tier", "Forecast", "Risk", "ARR"), rows, "No renewal is due.")
    _tell(found["notes"])


@command.command(
    "at-risk", epilog=examples("trackline portfolio at-risk", "trackline portfolio at-risk --tier 1 --json")
)
@narrowed
@json_option
def at_risk_(as_json: bool, filters: dict[str, str]) -> None:
    """Accounts at risk for the weekly stand-up: why, ARR at stake, renewal, recovery, what changed in seven days.

    Below them stand those that left the list, and accounts whose health and money part.
    """
    found = at_risk(operator(), filters)
    if as_json:
        print_json(told(found))
        return
    money = _money(found["currency"])
    counted = "1 account" if found["count"] == 1 else f"{found['count']:,} accounts"
    click.echo(f"{counted} at risk with {money(found['arr'])}, {found['discussed']:,} discussed this week")
    rows = [
        (row["name"], "" if row["arr"] is None else money(row["arr"]), "" if row["days"] is None else f"{row['days']} d",
         _recovering(row["recovery"]), "yes" if row["discussed"] else "", row["why"])
        for row in found["rows"]
    ]  # fmt: skip
    print_table(("Account", "ARR", "Renews", "Recovery", "Discussed", "Why"), rows, "No account is at risk.")
    for row in found["rows"]:
        if row["changes"]:
            click.echo(f"Since last week: {row['name']}: {'; '.join(row['changes'])}")
    for one in found["left"]:
        click.echo(f"Left the list: {one['name']} ({one['was']})")
    if found["disagreements"]:
        click.echo("\nScore and money part")
        parted = [
            (one["name"], one["words"], formats.number(one["health"], 0), ", ".join(one["signs"]))
            for one in found["disagreements"]
        ]
        print_table(("Account", "", "Health", "Against it"), parted, "")
    _tell(found["notes"])


def _recovering(plan: dict[str, Any] | None) -> str:
    if plan is None:
        return "none"
    late = f", {plan['overdue']} late" if plan["overdue"] else ""
    return f"{plan['state']}, {plan['done']} of {plan['total']}{late}"


@command.command(
    "tiers", epilog=examples("trackline portfolio tiers --show differs", "trackline portfolio tiers --json")
)
@click.option("--show", type=click.Choice(SHOWS), help="Only accounts of which this is so.")
@narrowed
@json_option
def tiers_(show: str | None, as_json: bool, filters: dict[str, str]) -> None:
    """The segmentation register: tier in force, tier by score, why they differ, what is open and what comes next.

    `differs`: the score gives another tier. `near`: close to a cut. `open`: a decision is under way. `override`: one is in
    force. `exit`: a candidate for an exit.
    """
    found = tiers(operator(), filters, show or "")
    if as_json:
        print_json(found)
        return
    rows = [
        (row["name"], f"T{row['tier']}" if row["tier"] else "", row["since"], row["by_words"],
         formats.number(row["score"], 1), f"T{row['tier_by_score']}" if row["tier_by_score"] else "",
         row["decision"]["status"] if row["decision"] else "")
        for row in found["rows"]
    ]  # fmt: skip
    headings = ("Account", "Tier", "Since", "Held", "Score", "By score", "Decision")
    print_table(headings, rows, "No account matches." if show or filters else "There are no accounts.")
    index = found["concentration"]["index"]
    if index is not None:
        click.echo(f"\nConcentration of revenue (HHI): {formats.number(index, 3)}, {found['concentration']['band']}")
    flagged = [name for name, told in found["monitors"].items() if isinstance(told, dict) and told["flagged"]]
    click.echo(f"Bias monitors that speak up: {', '.join(flagged) or 'none'}")
    _tell(found["notes"])


@command.command("tier", epilog=examples("trackline portfolio tier ardent-rail --to 2 --json"))
@click.argument("account")
@click.option("--to", type=click.IntRange(1, 3), help="The tier to move to. [default: out of all tiers]")
@json_option
def tier_(account: str, to: int | None, as_json: bool) -> None:
    """What speaks for and against moving ACCOUNT to another tier: the three tests, condition by condition."""
    ctx = operator()
    found = evidence_json(ctx, get(ctx, registry.get("account"), account), to)
    if as_json:
        print_json(found)
        return
    score = "not scored" if found["score"] is None else f"scores {formats.number(found['score'], 1)}"
    held = f"tier {found['tier']}" if found["tier"] else "no tier"
    click.echo(f"{account}: {held}, {score}")
    for name, test in found["tests"].items():
        click.echo(f"\n{name.capitalize()}: {'proposed' if test['proposes'] else 'not proposed'}, {test['value']} met")
        rows = [
            (one["key"], one["label"], "met" if one["met"] else "not met" if one["known"] else "not known", one["told"])
            for one in test["conditions"]
        ]
        print_table(("", "Condition", "", "What is known"), rows, "")
    stale = found["freshness"]["stale"]
    click.echo(f"\nFigures: {'fresh enough to decide' if not stale else 'too old or missing: ' + ', '.join(stale)}")


@command.command("whitespace", epilog=examples("trackline portfolio whitespace --show go --tier 1"))
@click.option("--show", type=click.Choice(CELLS), help="Only cells of which this is so.")
@narrowed
@json_option
def whitespace_(show: str | None, as_json: bool, filters: dict[str, str]) -> None:
    """What could still be sold: open cells of business unit × product, the highest priority first.

    `go`: the score lets it be pursued. `backlog`: it is below the cut. `unscored`: nobody scored it. `unvalued`: it has no
    value. `pursued`: a route is open. `stale`: the value is old.
    """
    found = whitespace(operator(), filters, show or "")
    if as_json:
        print_json(found)
        return
    money = _money(found["currency"])
    rows = [
        (formats.number(row["priority"], 0) if row["priority"] is not None else "", "go" if row["go"] else "",
         row["account_name"], row["business_unit_name"], row["product_name"], row["state"].replace("_", " "),
         "" if row["value"] is None else money(row["value"]), row["competitor"])
        for row in found["cells"]
    ]  # fmt: skip
    headings = ("Priority", "", "Account", "Unit", "Product", "State", "Value", "Competitor")
    print_table(headings, rows, "No open cell matches." if show or filters else "Nothing is known of any cell.")
    sums = found["totals"]
    click.echo(f"\n{money(sums['value'])} open; {sums['valued']} of {sums['open']} open cells carry a value")
    _tell(found["notes"])


@command.command("readiness", epilog=examples("trackline portfolio readiness --show ready --json"))
@click.option("--show", type=click.Choice(READY), help="Only accounts of which this is so.")
@narrowed
@json_option
def readiness_(show: str | None, as_json: bool, filters: dict[str, str]) -> None:
    """Who is ready for more and what blocks the others: five conditions, all of them needed; signals that they want it.

    `ready`: all five hold. `blocked`: one does not. `unscored`: nothing was judged. `wanting`: three signals or more.
    """
    found = readiness_json(operator(), filters, show or "")
    if as_json:
        print_json(found)
        return
    rows = [
        ("" if row["readiness"] is None else formats.number(row["readiness"], 0), row["name"],
         "ready" if row["ready"] else ", ".join(row["blocked_by"]).replace("_", " "),
         ", ".join(row["signals"]).replace("_", " "))
        for row in found["rows"]
    ]  # fmt: skip
    empty = "No account matches." if show or filters else "There are no accounts."
    print_table(("Readiness", "Account", "Blocked by", "Signals"), rows, empty)


@command.command("initiatives", epilog=examples("trackline portfolio initiatives --owner katrin-vogel"))
@narrowed
@json_option
def initiatives_(as_json: bool, filters: dict[str, str]) -> None:
    """Growth initiatives, the best first: score, whether it passes, horizon, and whether people can carry them."""
    found = initiatives(operator(), filters)
    if as_json:
        print_json(found)
        return
    money = _money(found["currency"])
    carried = {True: "yes", False: "no", None: "not known"}
    rows = [
        ("" if row["score"] is None else formats.number(row["score"], 1), "passes" if row["passes"] else "", row["title"],
         row["account_name"], (row["horizon"] or "").upper(), "" if row["budget"] is None else money(row["budget"]),
         f"from {row['moves_to']}" if row["moves_to"] else carried[row["fits"]])
        for row in found["rows"]
    ]  # fmt: skip
    headings = ("Score", "", "Initiative", "Account", "Horizon", "Budget", "Fits")
    print_table(headings, rows, "There is no open initiative.")
    for lane in found["horizons"]:
        if lane["share_pct"] is not None:
            words = f"{formats.percent(lane['share_pct'], 0)} of the budget, {formats.percent(lane['target_pct'], 0)} aimed at"
            click.echo(f"{lane['label']}: {words}{', too far off' if lane['flagged'] else ''}")
    _tell(found["notes"])


@command.command(
    "scorecards",
    epilog=examples("trackline portfolio scorecards --level manager", "trackline portfolio scorecards --json"),
)
@click.option(
    "--level", type=click.Choice(("account", "manager", "book")), help="Only of accounts, managers or the book."
)
@click.option("--state", type=click.Choice(("draft", "shadow", "live", "archived")), help="Only in this state.")
@json_option
def scorecards_(level: str | None, state: str | None, as_json: bool) -> None:
    """Scorecards with what they found last: composite, metrics met, missed, breached and without data, late answers."""
    ctx, asked, found, number = operator(), Asked(level or "", state or ""), [], 1
    while True:
        rows, total = listed(ctx, Asked(asked.level, asked.state, "", number))
        found += [listed_json(row) for row in rows]
        number += 1
        if len(found) >= total or not rows:
            break
    if as_json:
        print_json({"rows": found})
        return
    lines = [
        (row["id"], row["of"], row["name"], "" if row["value"] is None else formats.number(row["value"], 1), row["band"],
         *(str(count) for count in row["metrics"].values()), str(row["late"] or ""), row["state"])
        for row in found
    ]  # fmt: skip
    headings = ("Id", "Of", "Scorecard", "Composite", "Colour", "Met", "Missed", "Breached", "No data", "Late", "State")
    print_table(headings, lines, "There is no scorecard.")


@command.command(
    "scorecard", epilog=examples("trackline portfolio scorecard 4", "trackline portfolio scorecard 4 --json")
)
@click.argument("which", metavar="ID")
@as_of_option
@json_option
def scorecard_(which: str, as_of: date | None, as_json: bool) -> None:
    """A scorecard judged now: each metric with value, committed target, result, confidence and what is done about it."""
    ctx = operator()
    pk = get(ctx, registry.get("scorecard"), which).pk
    found = judged_json(judged_of(ctx, pk, as_of), clocks(ctx, card=pk))
    if as_json:
        print_json(found)
        return
    value = "" if found["value"] is None else formats.number(found["value"], 1)
    click.echo(f"{found['name']}: {found['band']} {value}".rstrip())
    lines = [
        (row["name"], "" if row["value"] is None else formats.measure(row["value"], row["unit"]),
         "" if row["committed"] is None else formats.measure(row["committed"], row["unit"]), row["state"],
         "" if row["chance_pct"] is None else formats.percent(row["chance_pct"], 0), row["owner"] or "",
         row["action"] if row["band"] in ("amber", "red") else "")
        for row in found["metrics"]
    ]  # fmt: skip
    print_table(("Metric", "Value", "Committed", "Result", "Chance", "Owner", "What to do"), lines, "It has no metric.")
    for one in found["breaches"]:
        click.echo(f"{one['title']}, {one['owner'] or 'nobody'}: {'late' if one['late'] else one['state']}")


def _aim(row: dict[str, Any], money: Callable[[Any], str]) -> tuple[str, str]:
    if row["target"] is None:
        return "", ""
    return money(row["target"]), formats.percent(row["p_target_pct"], 0)


def _money(currency: str) -> Callable[[Any], str]:
    return lambda amount: formats.money_full(None if amount is None else round(Decimal(amount)), currency)


def _tell(notes: Sequence[str]) -> None:
    for text in notes:
        note(text)
