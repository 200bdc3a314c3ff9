"""`trackline rules past`: when a signal would have fired."""

from __future__ import annotations

from typing import IO, Any

import click

from trackline.delivery.rulebook import look_back
from trackline.watch.past import past_json

from .caller import operator
from .output import examples, json_option, print_json, print_table
from .rule_words import known, read_object


@click.command(
    epilog=examples(
        "trackline rules past watch.signal.nps_drop",
        "trackline rules past watch.signal.nps_drop --months 12 --input changes.json",
    )
)
@click.argument("rule_id", metavar="ID")
@click.option("--months", type=click.IntRange(1, 24), default=6, show_default=True, help="How far back.")
@click.option("--input", "file", type=click.File("rb"), help="Figures to try, as `rules override` takes them.")
@json_option
def past(rule_id: str, months: int, file: IO[bytes] | None, as_json: bool) -> None:
    """Show on which accounts and days a signal would have fired, now and with other figures.

    Looked at week by week out of dated records, readings and scores; nothing is stored.
    """
    rule = known(rule_id)
    body: dict[str, Any] = {"months": months} | (read_object(file) if file else {})
    told = past_json(look_back(operator(), rule, body))
    if as_json:
        print_json(told)
        return
    changed = bool(body.get("changes"))
    click.echo(
        f"Since {told['since']} on {told['accounts']} accounts: fired {told['now']} times"
        + (f", {told['then']} times with these figures." if changed else ".")
    )
    rows = [
        (one["now"] or "", *((one["then"] or "",) if changed else ()), one["name"], one["says"])
        for one in told["firings"]
    ]
    headers = ("Now", *(("Then",) if changed else ()), "Account", "What it says")
    print_table(headers, rows, "It would not have fired.")
