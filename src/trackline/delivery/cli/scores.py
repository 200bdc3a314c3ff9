"""`trackline scores`: what the rules found on an account."""

from __future__ import annotations

import click

from trackline.accounts.models import Score
from trackline.accounts.rulebook import queries
from trackline.accounts.rulebook.telling import Input, Source, inputs_of, scores_json, title_of
from trackline.core.decimals import plain
from trackline.kit import formats
from trackline.kit.records.queries import resolve
from trackline.kit.records.types import registry

from .caller import operator
from .failures import Failed
from .output import examples, json_option, print_json, print_table


@click.command(
    epilog=examples(
        "trackline scores nordwind",
        "trackline scores nordwind --rule track.health.usage",
        "trackline scores nordwind --json",
    )
)
@click.argument("account", metavar="ACCOUNT")
@click.option("--rule", "rule_id", metavar="ID", default="", help="Only this rule, with its parts and inputs.")
@json_option
def command(account: str, rule_id: str, as_json: bool) -> None:
    """Show the newest score of each rule on the account with this key or id.

    Stored scores are shown; `trackline refresh` computes them anew. As JSON each is explained as the API explains it: parts,
    parameters in force, and the readings and records behind each input.
    """
    ctx = operator()
    found = queries.latest([resolve(ctx, registry.get("account"), account)])
    scores = [found[key] for key in sorted(found) if rule_id in ("", key[1])]
    if rule_id and not scores:
        kept = (
            ", ".join(sorted({rule for _account, rule, _preset in found}))
            or "none yet; `trackline refresh` computes them"
        )
        raise Failed(f"There is no score of {rule_id} on this account. Scores are kept of: {kept}.")
    if as_json:
        print_json({"items": scores_json(scores)})
    elif rule_id:
        inputs = inputs_of(scores)
        for score in scores:
            _explain(score, inputs[*score.key, score.on])
    else:
        rows = [
            (one.rule, one.preset, _value(one), one.band, formats.percent(one.coverage_pct, 0), one.on)
            for one in scores
        ]
        print_table(
            ("Rule", "Preset", "Value", "Band", "Coverage", "As of"),
            rows,
            "There is no score yet; `trackline refresh` computes them.",
        )


def _explain(score: Score, inputs: list[Input]) -> None:
    preset = f", preset {score.preset}" if score.preset else ""
    band = f", {score.band}" if score.band else ""
    click.echo(
        f"{title_of(score.rule)}{preset}: {_value(score) or 'withheld, too little data'}{band}, as of {score.on}"
    )
    click.echo(f"Coverage {formats.percent(score.coverage_pct, 0)}, version {score.version}\n")
    if score.parts:
        rows = [
            (
                one["label"],
                _plain(one.get("input")),
                _plain(one.get("weight")),
                _plain(one.get("contribution")),
                one.get("band"),
            )
            for one in score.parts
        ]
        print_table(("Part", "Input", "Weight", "Contribution", "Band"), rows, "")
        click.echo()
    told = [(one.name, _plain(one.value), "; ".join(_source(source) for source in one.sources)) for one in inputs]
    print_table(("Input", "Value", "From"), told, "No input is known.")
    for missing in score.missing:
        click.echo(f"Missing: {missing['input'] if isinstance(missing, dict) else missing}")
    for note in score.notes:
        click.echo(note)


def _value(score: Score) -> str:
    return score.text or ("" if score.value is None else formats.number(score.value))


def _plain(value: object) -> str:
    if isinstance(value, list | dict):
        return f"{len(value)} rows" if isinstance(value, list) else f"{len(value)} values"
    return "" if value is None else str(plain(value))


def _source(source: Source) -> str:
    age = "" if source.age_days is None else f", {source.age_days} d old"
    return f"{source.label}{age}"
