"""`trackline rules feeds`: which metric or record feeds which input of a rule on accounts, and another choice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click
from django.utils import timezone

from trackline.accounts.rulebook import pending
from trackline.accounts.rulebook.feeding import FeedChanges
from trackline.accounts.rulebook.rewiring import change_feeds, effect_of_feeds, fed_rule, feeds_json
from trackline.core.playbook.feeds import Feeds, Source

from .caller import operator
from .failures import Refused
from .output import examples, json_option, print_json, print_table, progress
from .rule_words import known, show_effect

WAYS = {"metric": "{}", "share": "{} as % of {}", "trend": "trend of {}, {}, {}"}


@click.command(
    epilog=examples(
        "trackline rules feeds track.health.usage",
        "trackline rules feeds track.health.usage --set active_seat_pct=seats_active_weekly,seats_licensed --preview",
        'trackline rules feeds watch.signal.usage_decline --set series=logins --max-age series=60 --reason "We count logins."',
        'trackline rules feeds track.health.usage --max-age weekly=21 --reason "A feed is silent after three weeks."',
        'trackline rules feeds track.health.usage --shipped --reason "Back to seats."',
    )
)
@click.argument("rule_id", metavar="ID")
@click.option("--set", "chosen", multiple=True, metavar="INPUT=METRIC[,METRIC]", help="Feed an input by other metrics.")
@click.option(
    "--max-age", "ages", multiple=True, metavar="INPUT=DAYS", help="How old a reading may be; also of a rhythm."
)
@click.option("--shipped", is_flag=True, help="Go back to what was shipped first.")
@click.option("--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), help="In force from; today where not given.")
@click.option("--reason", default="", help="Why; everybody reads it. Needed to save.")
@click.option("--preview", "only_preview", is_flag=True, help="Show what it would do to the book, and save nothing.")
@json_option
def feeds(
    rule_id: str, chosen: tuple[str, ...], ages: tuple[str, ...], shipped: bool, from_on: datetime | None, reason: str,
    only_preview: bool, as_json: bool,
) -> None:  # fmt: skip
    """Show which metric or record feeds which input of a rule on accounts, and how old it may be; or choose otherwise.

    What is not named stays as it is. Scores and alerts of the whole book follow.
    """
    rule = known(rule_id)
    ctx = operator()
    fed = fed_rule(rule.id)
    if not (chosen or ages or shipped):
        _show(FeedChanges.load().of(rule.id, fed, ctx.today), as_json)
        return
    since = from_on.date() if from_on else ctx.today
    before = {} if shipped else FeedChanges.load().on(since).get(rule.id, {})
    changes = _laid_over(before, fed, chosen, ages)
    if only_preview:
        show_effect(effect_of_feeds(ctx, rule.id, changes, from_on=since).to_json(), as_json)
        return
    if not reason.strip():
        raise Refused("Say why with --reason, or look with --preview.")
    found = change_feeds(ctx, rule.id, changes, from_on=since, reason=" ".join(reason.split()))
    with progress("Bringing it into the book", pending.count()) as advance:
        pending.settle_all(timezone.now(), ctx.today, advance)
    _show(found, as_json)


def _laid_over(
    before: Mapping[str, Any], fed: Feeds, chosen: tuple[str, ...], ages: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """Return the changes with those of the options over them, as `Feeds.adjusted` takes them."""
    inputs = {name: dict(change) for name, change in before.get("inputs", {}).items()}
    rhythms = dict(before.get("max_age_days", {}))
    for name, metrics in _pairs("--set", chosen):
        inputs.setdefault(name, {})["metrics"] = [key for key in (one.strip() for one in metrics.split(",")) if key]
    for name, days in _pairs("--max-age", ages):
        count = int(days) if days.isdecimal() and len(days) < 9 else days
        if name in fed.ages and name not in fed.inputs:
            rhythms[name] = count
        else:
            inputs.setdefault(name, {})["max_age_days"] = count
    return {name: held for name, held in (("inputs", inputs), ("max_age_days", rhythms)) if held}


def _pairs(option: str, given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = [one.partition("=") for one in given]
    for name, sign, value in pairs:
        if not (name.strip() and sign and value.strip()):
            raise Refused(f"{option}: a pair such as input=value is expected.")
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _show(found: Feeds, as_json: bool) -> None:
    if as_json:
        print_json(feeds_json(found))
        return
    rows = [
        (
            name,
            " else ".join(map(_way, feed.sources)),
            "" if feed.is_fixed else _age(feed.sources[0]),
            "changed" if feed.adjusted else "",
        )
        for name, feed in found.inputs.items()
    ]
    print_table(("Input", "Fed by", "At most old", ""), rows, "Nothing feeds it.")
    if found.metrics and found.ages:
        told = ", ".join(f"{rhythm} {age.days} days" for rhythm, age in found.ages.items())
        click.echo(f"\nBy the rhythm of the metric: {told}. An older reading counts as missing.")


def _way(source: Source) -> str:
    return source.says if source.kind == "record" else WAYS[source.kind].format(*source.metrics)


def _age(source: Source) -> str:
    return f"{source.max_age_days} days" if source.max_age else "by rhythm"
