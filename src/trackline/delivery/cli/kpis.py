"""`trackline kpis`: the KPI library."""

from __future__ import annotations

import click

from trackline.accounts.kpis import STATES, journey_json, journey_of, kpi_json, kpi_rows
from trackline.accounts.rules.kpi_library import library
from trackline.accounts.services.adopting import adopt, kpi_named

from .caller import operator
from .output import examples, json_option, print_json, print_table


@click.group(
    epilog=examples(
        "trackline kpis list --domain growth",
        "trackline kpis show KPI-016",
        "trackline kpis adopt KPI-067",
    )
)
def command() -> None:
    """What can be measured: formula, limits, owner and rhythm of each KPI."""


@command.command("list", epilog=examples("trackline kpis list wallet", "trackline kpis list --state new --json"))
@click.argument("words", nargs=-1)
@click.option("--domain", type=click.Choice(list(library().domains)), help="Only of this domain.")
@click.option("--state", type=click.Choice(STATES), help="Measured in this book, computed by a rule, or not measured.")
@click.option("--stage", type=click.Choice(list(library().stages)), help="Only of this stage of the journey.")
@json_option
def list_(words: tuple[str, ...], domain: str | None, state: str | None, stage: str | None, as_json: bool) -> None:
    """List the KPIs that hold all WORDS, and how many of each stage of the customer's journey are measured."""
    ctx = operator()
    rows, journey = kpi_rows(ctx, " ".join(words), domain or "", state or "", stage or ""), journey_of(ctx)
    if as_json:
        print_json({"items": [kpi_json(row) for row in rows], "journey": journey_json(journey)})
        return
    table = [(row.kpi.code, row.kpi.name, row.domain.label, row.metric.key if row.metric else "") for row in rows]
    print_table(("Code", "KPI", "Domain", "Metric"), table, "No KPI matches.")
    told = (f"{one.stage.label} {one.measured} of {one.of}{' (too few)' if one.lacking else ''}" for one in journey)
    click.echo(f"\nMeasured along the journey: {', '.join(told)}")


@command.command("show", epilog=examples("trackline kpis show KPI-016"))
@click.argument("code")
@json_option
def show(code: str, as_json: bool) -> None:
    """Show the KPI with this code."""
    found = kpi_named(code)
    told = next(kpi_json(row) for row in kpi_rows(operator()) if row.kpi is found)
    if as_json:
        print_json(told)
        return
    limits = ", ".join(f"{band} {cut}" for band, cut in found.cuts.items()) or found.judged
    click.echo(f"{found.code} {found.name}\n{found.tells}.\n\n= {found.formula}\n")
    rows = [
        ("Limits", f"{limits} ({'stated by the source' if found.by == 'stated' else 'our own choice'})"),
        ("Unit", f"{found.unit}, {'more' if found.direction == 'increase' else 'less'} is better"),
        ("Rhythm", f"{found.cadence}, {found.kind}"),
        ("Owner", told["owner"]),
        ("Stage", told["stage"] or "none: it tells of the programme"),
        ("Comes from", found.reads),
        ("Rule", told["rule"] or "none"),
        ("Metric", told["metric"] or "not measured in this book"),
    ]
    print_table(("", ""), rows, "")


@command.command("adopt", epilog=examples("trackline kpis adopt KPI-067"))
@click.argument("code")
def adopt_(code: str) -> None:
    """Make a metric of the book out of the KPI with this code."""
    made = adopt(operator(), code)
    click.echo(f"{made.name} is measured now: metric {made.key}.")
