#!/usr/bin/env python3
"""Writes the documents that are generated from the code: `docs/cli.md` from the command tree, `docs/rules.md` from the
rulebook.

`--check` writes nothing and fails if a document is not what the code says.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
INTRODUCTION = """\
# The `trackline` command

Generated from the command's own help by `make docs`.

Results go to stdout, notes and progress bars to stderr. Commands with `--json` print one JSON document. Exit codes: 0 done,
1 failed, 2 wrong usage, settings or input, 3 done in part (`trackline import`: some rows were rejected). Settings come from the environment: see [configuration](configuration.md).
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


RULES_INTRODUCTION = """\
# The rulebook

Generated from the rules and their data files by `make docs`; how to add one: [rules-howto.md](rules-howto.md).

Every rule runs over `POST /api/v1/rules/{id}/run`, `trackline rules run ID` and as a function, and explains its result.
**Origin** of a figure: *stated* (the source prints it), *interpreted* (our reading of what it prints), *ours* (the sources
are silent). Cuts are strict (`>`) or inclusive (`>=`) as written, compared on six decimals. Administrators may lay their own
figures over these.
"""


def rules() -> str:
    """The text of docs/rules.md."""
    from trackline.core.playbook import rulebook
    from trackline.core.playbook.data import documents

    known = documents()
    lines = [RULES_INTRODUCTION, "| source | document |\n|---|---|"]
    lines += [f"| {key} | {title} |" for key, title in known["documents"].items()]
    lines += [f"| {key}:… | {title} |" for key, title in known["catalogues"].items()]
    room = ""
    for rule in rulebook():
        if rule.room != room:
            room = rule.room
            lines.append(f"\n## {room}")
        lines += rule_lines(rule)
    return "\n".join(lines) + "\n"


def rule_lines(rule: Any) -> Iterator[str]:
    """One rule: what it says, where it comes from, its figures."""
    yield f"\n### `{rule.id}`\n\n**{rule.title}** ({', '.join(rule.spec)}). {rule.summary}\n"
    text, _, _ = rule.description.partition("\n\nSource:")
    yield f"{' '.join(text.split())}\n"
    yield f"Inputs: {', '.join(input_words(rule)) or 'none'}. Sources: {'; '.join(rule.data.sources)}."
    if rule.data.parameters:
        yield "\n| parameter | value | unit | origin | source | why |\n|---|---|---|---|---|---|"
        for name, item in rule.data.parameters.items():
            for dated in item.values:
                since = f" from {dated.since}" if dated.since else ""
                yield (
                    f"| `{name}`: {item.says}{since} | {figure(dated.value)} | {item.unit or ''} | {dated.origin} "
                    f"| {dated.source} | {dated.why or ''} |"
                )
    for name, preset in rule.data.presets.items():
        default = ", the default" if name == rule.data.default_preset else ""
        figures = f": {figure(preset.parameters)}" if preset.parameters else ""
        why = f"; {preset.why}" if preset.why else ""
        yield f"\nPreset `{name}`{default}: {preset.says}{figures} ({preset.origin}, {preset.source}{why})."


def input_words(rule: Any) -> Iterator[str]:
    """The inputs, those that may be left out with a question mark."""
    for name, field in rule.inputs.model_fields.items():
        yield f"`{name}`" if field.is_required() else f"`{name}?`"


def figure(value: Any) -> str:
    """A figure as a table cell."""
    if isinstance(value, dict):
        parts = (
            f"{key} ({figure(item)})" if isinstance(item, dict) else f"{key} {figure(item)}"
            for key, item in value.items()
        )
        return ", ".join(parts)
    if isinstance(value, list):
        return ", ".join(figure(item) for item in value)
    return str(value).replace(">=", "≥").replace("<=", "≤")


DOCUMENTS = {"docs/cli.md": cli, "docs/rules.md": rules}


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
