#!/usr/bin/env python3
"""Writes the documents that are generated from the code: `docs/cli.md` from the command tree.

`--check` writes nothing and fails if a document is not what the code says.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
INTRODUCTION = """\
# The `trackline` command

Generated from the command's own help by `make docs`.

Results go to stdout, notes and progress bars to stderr. Commands with `--json` print one JSON document. Exit codes: 0 done,
1 failed, 2 wrong usage, settings or input. Settings come from the environment: see [configuration](configuration.md).
"""


def cli() -> str:
    """The text of docs/cli.md."""
    from trackline.delivery.cli.root import COMMANDS, root

    lines = [INTRODUCTION]
    context = click.Context(root, info_name="trackline")
    for name in COMMANDS:
        found = root.get_command(context, name)
        assert found is not None
        lines.append(f"## `trackline {name}`\n")
        lines += commands(click.Context(found, info_name=name, parent=context))
    return "\n".join(lines)


def commands(context: click.Context) -> Iterator[str]:
    """The help of a command, and of those under it."""
    yield f"```text\n{plain_help(context)}\n```\n"
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            found = context.command.get_command(context, name)
            assert found is not None
            below = click.Context(found, info_name=name, parent=context)
            yield f"### `{below.command_path}`\n"
            yield from commands(below)


def plain_help(context: click.Context) -> str:
    """A command's help at a fixed width, whatever the terminal."""
    context.terminal_width = 100
    context.help_option_names = ["-h", "--help"]
    return "\n".join(line.rstrip() for line in context.get_help().splitlines()).strip()


DOCUMENTS = {"docs/cli.md": cli}


def main(check: bool) -> int:
    """Write or compare every generated document; returns the exit code."""
    os.environ["TRACKLINE_HOME"] = tempfile.mkdtemp()
    stale = []
    for name, write in DOCUMENTS.items():
        path, text = ROOT / name, write()
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text)
            print(f"{name} written")
    if check and stale:
        print(f"{', '.join(stale)} not up to date: run `make docs` and commit the result.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
