"""The command tree. Modules load on use, so `trackline --help` answers at once and needs no database."""

from __future__ import annotations

import importlib

import click
from click.exceptions import NoSuchCommand

from trackline import VERSION

from . import boot
from .output import examples

# name: (module, the line shown in the list of commands)
COMMANDS = {
    "init": ("init", "Make the database, or bring it up to this version."),
    "serve": ("serve", "Serve the site."),
    "worker": ("worker", "Do what is due by itself: the nightly refresh, meetings ahead, the weekly letter."),
    "demo": ("demo", "Load a sample book into an empty database and serve it."),
    "user": ("user", "Add people, list them, set passwords."),
    "token": ("token", "Make, list and revoke API tokens."),
    "import": ("importing", "Import files or folders, take an import back, list imports."),
    "export": ("export", "Write records and documents into files."),
    "portfolio": ("portfolio", "Figures of the whole book: forecast, pipeline, retention, renewals."),
    "kpis": ("kpis", "The KPI library: list, show, measure one."),
    "duplicates": ("duplicates", "Records that may stand in the book twice: list, merge, take back, tell apart."),
    "quality": ("quality", "Quality of the data: scores, records that fail, late feeds, owners, handing over."),
    "plan": ("plans", "Account plans: where one stands, its versions, what changed, its moves."),
    "template": ("templates", "Deck templates: list, check a file, add, show, draw a sample, choose, remove."),
    "play": ("play", "Playbooks: list, start on an account, move the anchor date."),
    "rules": ("rules", "Read the rulebook, and run its rules."),
    "scores": ("scores", "What the rules found on an account, and from what."),
    "alerts": ("alerts", "What needs somebody: list, acknowledge, close, dismiss."),
    "digest": ("digest", "Send people their week by e-mail, or look at a letter."),
    "refresh": ("refresh", "Compute stored results anew."),
    "check": ("check", "Look for anything wrong with this installation."),
    "mcp": ("mcp", "Serve the book to an agent, over standard input and output."),
    "backup": ("backup", "Write everything into one file."),
    "restore": ("restore", "Put the content of a backup in place."),
}


class Commands(click.Group):
    """A group that imports a command's module when the command is asked for, after starting Django."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        boot.start()
        module = importlib.import_module(f"trackline.delivery.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            raise NoSuchCommand(name, possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        from .failures import translated  # imports Django, which `--help` and `--version` can do without

        with translated():
            return super().invoke(ctx)


@click.command(
    "trackline",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples("trackline demo", "trackline init && trackline user create ada --role admin && trackline serve"),
)
@click.version_option(VERSION, prog_name="Trackline")
def root() -> None:
    """Strategic account management on the TRACK framework.

    Settings come from TRACKLINE_… environment variables. Exit codes: 0 done, 1 failed, 2 wrong usage or settings,
    3 done in part: an import with rejected rows.
    """


def main() -> None:
    """Run the command line."""
    root(prog_name="trackline")
