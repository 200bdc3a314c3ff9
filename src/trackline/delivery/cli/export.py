"""`trackline export`."""

from __future__ import annotations

import difflib
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click
from django.conf import settings

from trackline.documents.plans.live import EDITIONS
from trackline.kickoff.calendars import calendar_of
from trackline.kit.policy import Context
from trackline.kit.records import exports
from trackline.kit.records.queries import ListParams, filtered
from trackline.kit.records.types import RecordType, registry

from .caller import operator
from .documents import KINDS, PERIODS, WHOLE, Asked, content_of, put
from .options import Day
from .output import examples, json_option, print_json, progress

EVERYTHING = "all"
ENDINGS = (".csv", ".json", ".xlsx")
CALENDAR = ".ics"
Source = tuple[RecordType, Iterator[dict[str, Any]]]


@click.command(
    epilog=examples(
        "trackline export accounts --to accounts.csv",
        "trackline export routes --to won.xlsx --filter state=won --search nord",
        "trackline export meetings --to meetings.ics --filter account=12",
        "trackline export account okada-brandt --to okada.json",
        "trackline export plan okada-brandt --to plan.pdf --on 2026-09-30",
        "trackline export plan okada-brandt --to plan.docx --version 2",
        "trackline export review okada-brandt --to review.pptx --edition customer",
        "trackline export value okada-brandt --to value.pdf",
        "trackline export summary 31 --to summary.txt",
        "trackline export book --to report.xlsx --period month",
        'trackline export dashboard "Where the book stands" --to board.pdf --filter region=EMEA',
        "trackline export all --to everything.zip",
        "trackline export all --to folder/",
    )
)
@click.argument("records")
@click.argument("account", default="")
@click.option(
    "--to", "target", required=True, type=click.Path(path_type=Path), help="File to write; its ending decides."
)
@click.option("--filter", "filters", multiple=True, metavar="FIELD=VALUE", help="As in the API; repeat for several.")
@click.option("--search", default="", help="Only records with these words.")
@click.option("--on", type=Day(), metavar="DATE", help="Documents: the day they tell of. [default: today]")
@click.option("--edition", type=click.Choice(list(EDITIONS)), default="full", help="Documents: which copy.")
@click.option("--version", type=int, help="The plan: as the version with this number kept it.")
@click.option("--group", is_flag=True, help="The plan: with all accounts below, added up.")
@click.option("--period", type=click.Choice(PERIODS), default="quarter", help="The report of the book: over what.")
@click.option(
    "--template",
    default="",
    metavar="NAME",
    help="Slides: a template by name or id, a .pptx file, or own. [default: as chosen]",
)
@json_option
def command(
    records: str,
    account: str,
    target: Path,
    filters: tuple[str, ...],
    search: str,
    on: date | None,
    edition: str,
    group: bool,
    period: str,
    template: str,
    version: int | None,
    as_json: bool,
) -> None:
    """Write records with all their fields, or a document, into a file.

    RECORDS is a record type such as accounts, contacts, goals, routes (any resource of the API), or `all`. The ending
    of FILE decides: .csv, .json or .xlsx, for meetings also .ics; for `all` also .zip, or a folder of CSV files.

    `account ACCOUNT` writes everything of one account, to be imported here or elsewhere: .json.

    `plan ACCOUNT` writes the account plan: .pdf, .docx, .md or .json.

    `review ACCOUNT` writes the deck of its next review, `book` the report of the book: .pptx, .pdf or .json, the report also
    as .xlsx with the figures behind. `value`, `renewal`, `tier`, `sponsor` and `save ACCOUNT` write a brief: .pdf, .pptx,
    .docx, .md or .json. `dashboard NAME` writes a dashboard: .pdf, .png, .json or .xlsx with the rows behind each tile.
    `summary MEETING` writes the summary of a meeting, by its id, for those who were invited: .txt or .json.
    """
    ctx = operator()
    if records in KINDS and (account or records != WHOLE):
        asked = Asked(account, on, edition, group, period, template, _filters(filters), version)
        content = content_of(ctx, records, asked, target)
        put(target, lambda aside: aside.write_bytes(content))
        if as_json:
            print_json({"to": str(target.absolute()), "bytes": len(content)})
        else:
            click.echo(f"{target}: {len(content):,} bytes")
        return
    if account:
        raise click.UsageError(f"{account}: only documents are of one account; narrow records by --filter account=…")
    params = ListParams(filters=_filters(filters), q=search)
    types = registry.all() if records == EVERYTHING else [_type(records)]
    if records == EVERYTHING and (filters or search):
        raise click.UsageError("--filter and --search need one record type, not all.")
    total = sum(filtered(ctx, rtype, params).count() for rtype in types)
    counts: dict[str, int] = {}
    if target.suffix.lower() == CALENDAR and records != EVERYTHING:
        counts[types[0].resource] = _calendar(ctx, types[0], params, target)
    else:
        with progress("Exporting", total) as advance:
            whole = target.suffix.lower() == ".json"
            sources = [(rtype, _counted(ctx, rtype, params, counts, advance, whole)) for rtype in types]
            _write(ctx, target, sources, alone=records != EVERYTHING)
    if as_json:
        print_json({"to": str(target.absolute()), "records": counts})
    else:
        click.echo(f"{target}: {sum(counts.values()):,} records")


def _calendar(ctx: Context, rtype: RecordType, params: ListParams, target: Path) -> int:
    if rtype.name != "meeting":
        raise click.UsageError(f"--to {target}: only meetings make a calendar.")
    rows = list(filtered(ctx, rtype, params).select_related("account").order_by("at", "pk"))
    put(target, lambda aside: aside.write_bytes(calendar_of(rtype.labels, rows, settings.BASE_URL)))
    return len(rows)


def _write(ctx: Context, target: Path, sources: list[Source], *, alone: bool) -> None:
    """Write aside, then put in place: a reader never meets half a file."""
    ending = target.suffix.lower()
    if alone and ending not in ENDINGS:
        raise click.UsageError(f"--to {target}: end the name with one of {', '.join(ENDINGS)}.")
    if not alone and ending not in (*ENDINGS, ".zip", ""):
        raise click.UsageError(f"--to {target}: end the name with .zip, .xlsx or .json, or name a folder.")
    if not alone and ending == ".csv":
        raise click.UsageError(
            f"--to {target}: one CSV file holds one record type; use .zip, .xlsx, .json or a folder."
        )
    folder = target if ending == "" else target.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as name:
            for part in _files(ctx, Path(name), target, sources, alone=alone):
                part.replace(folder / part.name)
    except OSError as problem:
        raise click.ClickException(f"{target} cannot be written: {problem.strerror}.") from problem
    except ValueError as problem:
        raise click.ClickException(str(problem)) from problem


def _files(ctx: Context, aside: Path, target: Path, sources: list[Source], *, alone: bool) -> list[Path]:
    ending, file = target.suffix.lower(), aside / target.name
    if ending == ".xlsx":
        exports.write_workbook(file, ctx, sources)
    elif ending == ".json" and alone:
        exports.write_json(file, sources[0][1])
    elif ending == ".json":
        exports.write_json_object(file, sources)
    elif ending == ".csv":
        exports.write_csv(file, ctx, *sources[0])
    else:
        parts = [aside / f"{rtype.resource}.csv" for rtype, _ in sources]
        for part, (rtype, items) in zip(parts, sources, strict=True):
            exports.write_csv(part, ctx, rtype, items)
        if ending == "":
            return parts
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
            for part in parts:
                zipped.write(part, part.name)
    return [file]


def _counted(
    ctx: Context,
    rtype: RecordType,
    params: ListParams,
    counts: dict[str, int],
    advance: Callable[[int], None],
    archive: bool,
) -> Iterator[dict[str, Any]]:
    counts[rtype.resource] = 0
    for item in exports.rows(ctx, rtype, params, archive=archive):
        yield item
        counts[rtype.resource] += 1
        advance(1)


def _type(word: str) -> RecordType:
    found = registry.find(word)
    if found:
        return found
    names = [rtype.resource for rtype in registry.all()]
    near = difflib.get_close_matches(word, names, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"One of {', '.join(names)}, or all, is expected."
    raise click.UsageError(f"There are no records named {word}. {hint}")


def _filters(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise click.UsageError(f"--filter {item}: write it as FIELD=VALUE.")
        found[name.strip()] = value
    return found
