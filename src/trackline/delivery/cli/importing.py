"""`trackline import`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from trackline.connectors import services, sessions
from trackline.connectors.engine.references import NO_ACCOUNT
from trackline.connectors.engine.result import FileResult, Rejected, Result
from trackline.connectors.engine.run import SCORING
from trackline.connectors.known import known_types
from trackline.connectors.mapping.saved import MapProblem, SavedMap, load_map
from trackline.connectors.models import ImportRun
from trackline.connectors.profiles import CUSTOM, SYSTEMS
from trackline.kit.formats import counted
from trackline.kit.records.types import registry
from trackline.workspace.queries.currencies import without_rate

from .caller import operator
from .output import examples, json_option, note, print_json, print_table, tables_progress

FILES = "files"
EXIT = {"complete": 0, "failed": 1, "partial": 3}
"""Exit code by outcome; 2 is wrong usage or input, as everywhere."""
SHOWN_PROBLEMS = 10
SHOWN_ROWS = 5
SHOWN_COLUMNS = 20


class FilesOrCommand(click.Group):
    """A group whose words are files to import unless the first is one of its commands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not {"-h", "--help"} & set(args):
            args = [FILES, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, found, rest = super().resolve_command(ctx, args)
        # Messages name what was typed.
        return ("" if name == FILES else name), found, rest

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in super().list_commands(ctx) if name != FILES]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.commands[FILES].format_usage(ctx, formatter)
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="       ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.commands[FILES].format_help_text(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.commands[FILES].format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group(
    "import",
    cls=FilesOrCommand,
    help="Import files or folders, take an import back, list imports.",
    epilog=examples(
        "trackline import export/ --dry-run",
        "trackline import accounts.csv deals.csv --source salesforce",
        "trackline import kunden.xlsx --map kunden.json --date-order dmy",
        "trackline import undo 12",
    ),
)
def command() -> None: ...


@command.command(FILES, epilog=examples("trackline import export/"))
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--source",
    type=click.Choice(["auto", "csv", *SYSTEMS]),
    default="auto",
    show_default=True,
    help="System the files come from.",
)
@click.option(
    "--map", "map_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Saved map, JSON."
)
@click.option(
    "--as", "as_type", metavar="TYPE", help="What the files hold (accounts, contacts …), where it is not clear."
)
@click.option("--mode", type=click.Choice(["both", "create", "update"]), help="What rows may do; default: both.")
@click.option("--date-order", type=click.Choice(["dmy", "mdy"]), help="Where dates can be read both ways.")
@click.option("--decimal", type=click.Choice([".", ","]), help="Decimal mark, where numbers can be read both ways.")
@click.option("--currency", metavar="CODE", help="Currency of amounts that name none.")
@click.option("--create-accounts", is_flag=True, help="Make the accounts that rows name and nobody has added yet.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
@json_option
def files(
    paths: tuple[Path, ...],
    source: str,
    map_file: Path | None,
    as_type: str | None,
    mode: str | None,
    date_order: str | None,
    decimal: str | None,
    currency: str | None,
    create_accounts: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import CSV, Excel and JSON files, folders and zip archives of them.

    Headings of Salesforce, HubSpot, Pipedrive, Zoho CRM, Dynamics 365 and common spreadsheets are recognised; a map says the rest. Each file is one
    transaction. Rows that cannot be imported are reported, and kept as a file to correct and import again. Importing
    the same files again changes nothing.

    Exits with 0 if every row came in, with 3 if some rows were rejected and the others are in, with 1 if a file failed,
    was not recognised at all, or leaves a question that must be answered first, or if no row came in. `--json` says the
    same as `outcome`: complete, partial, failed; and how many rows, as `counts`.
    """
    ctx = operator()
    saved = _map(map_file)
    told = replace(
        saved.defaults,
        type=_type(as_type) or saved.defaults.type,
        date_order=date_order or saved.defaults.date_order,
        decimal=decimal or saved.defaults.decimal,
        currency=(currency or saved.defaults.currency).upper(),
    )
    saved = replace(
        saved, mode=mode or saved.mode, defaults=told, create_accounts=create_accounts or saved.create_accounts
    )
    with tables_progress("Importing") as show, tables_progress("Reading") as read, tables_progress("Scoring") as score:
        result = services.import_paths(
            ctx,
            paths,
            saved,
            source=source,
            dry_run=dry_run,
            reading_progress=lambda name, rows: read(name, rows, None),
            progress=lambda name, done, total: (
                score("accounts", done, total) if name == SCORING else show(name, done, total)
            ),
        )
    if as_json:
        print_json(result.to_json(differences=dry_run))
    else:
        _tell(result)
    sys.exit(EXIT[result.outcome])


@command.command(epilog=examples("trackline import undo 12"))
@click.argument("run_id", metavar="ID", type=int)
@json_option
def undo(run_id: int, as_json: bool) -> None:
    """Take the import with this ID back.

    What it created goes, what it changed goes back. Records that somebody worked on since stay, and are listed.
    """
    undone = services.undo_import(operator(), run_id)
    if as_json:
        print_json(undone.to_json())
        return
    click.echo(
        f"Import {run_id} is taken back: {counted(sum(undone.removed.values()), 'record')} removed, "
        f"{sum(undone.restored.values()):,} put back as they were."
    )
    for left in undone.left[:SHOWN_PROBLEMS]:
        note(f"{left['type']} {left['title']} (id {left['id']}) stays: {left['reason']}")
    if undone.left_count > SHOWN_PROBLEMS:
        note(f"… and {undone.left_count - SHOWN_PROBLEMS:,} more stay; --json lists them.")


@command.command("list", epilog=examples("trackline import list"))
@json_option
def list_runs(as_json: bool) -> None:
    """Show imports, the newest first.

    One that is failed though no file of it did was killed: its files that were complete are in, of the others nothing.
    Import them again, which leaves what is in as it is, or take the import back.
    """
    operator()
    rows = [_row(run) for run in ImportRun.objects.select_related("created_by").order_by("-pk")]
    if as_json:
        print_json({"items": rows})
        return
    columns = ("Id", "When", "By", "Files", "State", "Created", "Updated", "Rejected")
    cells = [
        (
            *(row["id"], f"{row['created_at']:%Y-%m-%d %H:%M}", row["created_by"] or "", row["name"], row["state"]),
            *(sum(row[key].values()) for key in ("created", "updated")),
            row["rejected_count"],
        )
        for row in rows
    ]
    print_table(columns, cells, "Nothing was imported yet. Start with `trackline import PATH --dry-run`.")


def _map(path: Path | None) -> SavedMap:
    if path is None:
        return SavedMap()
    try:
        return load_map(path)
    except MapProblem as problem:
        raise click.UsageError(f"--map {path}: {problem}") from problem


def _type(told: str | None) -> str:
    """The record type of a name in one or in many: `account`, `accounts`."""
    if not told:
        return ""
    word = told.strip().lower().replace("-", "_")
    types = known_types()
    found = next((name for name in types if word in (name, registry.get(name).resource.replace("-", "_"))), None)
    if found is None:
        raise click.UsageError(f"--as {told}: not a kind of record. Choose one of {', '.join(sorted(types))}.")
    return found


def _row(run: ImportRun) -> dict[str, Any]:
    sessions.mark_broken(run)
    return {
        "id": str(run.pk),
        "name": run.name,
        "state": run.state,
        "via": run.via,
        "created_at": run.created_at,
        "created_by": run.created_by.username if run.created_by else None,
        "created": run.result.get("created", {}),
        "updated": run.result.get("updated", {}),
        "rejected_count": run.result.get("rejected_count", 0),
    }


def _tell(result: Result) -> None:
    """The result for a person: a line a file, then what needs attention."""
    columns = ("File", "Records", "Rows", "Created", "Updated", "Unchanged", "Rejected")
    cells = [
        (each.file, each.resource, each.rows, each.created, each.updated, each.unchanged, each.rejected)
        for each in result.files
        if not each.failed
    ]
    print_table(columns, cells, "Nothing was imported.")
    for each in result.files:
        left_out = (f"{counted(count, 'row')} left out: {reason}" for reason, count in each.left_out.items())
        for text in [*each.notes, *left_out, *_columns(each)]:
            note(f"{each.file}: {text}")
        if not (each.rows or each.failed):
            note(f"{each.file}: the file has headings but no rows.")
    for left in result.skipped:
        note(f"{left['file']}: left aside. {left['reason']}")
    _tell_rejected(result)
    _tell_emptied(result)
    for failed in result.failed:
        row = f", row {failed['row']}" if failed.get("row") else ""
        note(f"{failed['file']}{row}: not imported. {failed['reason']}")
    for question in result.questions:
        note(f"{question['file']}: not imported until you answer. {question['text']}")
        for option in question["options"]:
            note(f"    {_answer(question, option['value'])}    {option['label']}")
    _tell_next(result)


def _tell_next(result: Result) -> None:
    """What is left to do, and how to go back."""
    if result.scores_pending:
        note(f"Scores of {result.scores_pending:,} account(s) are still to be computed: run `trackline refresh`.")
    if result.without_rate:
        note(f"{without_rate(result.without_rate)} Add one under Settings, Currencies.")
    if result.dry_run:
        note("This was a dry run: nothing was changed.")
    elif result.changes:
        note(f"Take it back with `trackline import undo {result.run}`.")


def _columns(file: FileResult) -> Iterator[str]:
    """Columns without a field of their own: those kept as custom fields, and those left out."""
    kept = [heading for heading, target in file.columns.items() if target.startswith(f"{CUSTOM}:")]
    dropped = [heading for heading, target in file.columns.items() if not target]
    for text, headings in (("kept as custom fields", kept), ("columns left out", dropped)):
        if headings:
            more = f" and {len(headings) - SHOWN_COLUMNS} more" if len(headings) > SHOWN_COLUMNS else ""
            yield f"{text}: {', '.join(headings[:SHOWN_COLUMNS])}{more}"


def _tell_rejected(result: Result) -> None:
    """Rejected rows, and what to do about them."""
    _tell_cells(result.rejected, "row", "rejected")
    if any(each.reason.startswith(NO_ACCOUNT) for each in result.rejected):
        note("Import the file of accounts first, or let --create-accounts make those that are missing.")
    kept = [each.rejects for each in result.files if each.rejects]
    if kept and not result.dry_run:
        note(f"Correct the rejected rows in {result.folder} ({', '.join(kept)}) and import them again.")


def _tell_emptied(result: Result) -> None:
    """Cells that could not be used, though their rows came in."""
    _tell_cells(result.warnings, "cell", "not taken")


def _tell_cells(found: list[Rejected], noun: str, fate: str) -> None:
    """Rows and cells, those with one reason together."""
    rows: dict[tuple[str, str], list[str]] = {}
    for each in found:
        said = f"{each.column} “{each.value}”" if each.value else each.column
        cell = f"{said}: " if said else ""
        rows.setdefault((each.file, f"{cell}{each.reason}"), []).append(str(each.row))
    for (file, reason), numbers in list(rows.items())[:SHOWN_PROBLEMS]:
        shown = ", ".join(numbers[:SHOWN_ROWS]) + (", …" if len(numbers) > SHOWN_ROWS else "")
        note(f"{file}: {counted(len(numbers), noun)} {fate} ({shown}). {reason}")
    if len(rows) > SHOWN_PROBLEMS:
        note(f"… and {len(rows) - SHOWN_PROBLEMS} further reasons; --json lists all.")


def _answer(question: dict[str, Any], value: str) -> str:
    if question["kind"] in ("date_order", "decimal"):
        return f"--{question['kind'].replace('_', '-')} {value}"
    return f'in a map: {{"stages": {{"{question["column"]}": "{value}"}}}}'
