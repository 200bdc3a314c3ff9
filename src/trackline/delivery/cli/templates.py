"""`trackline template`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from trackline.documents.deck_templates.choosing import named
from trackline.documents.deck_templates.files import master_of, take_in
from trackline.documents.decks.checking import check as checked
from trackline.documents.decks.sample import sample_deck
from trackline.documents.decks.theme import read_master
from trackline.documents.models import DeckFile, DeckTemplate
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

from .caller import operator
from .documents import TEMPLATES, put
from .failures import Failed
from .output import examples, json_option, print_json, print_table

FILE = click.argument("file", type=click.Path(path_type=Path))
NAME = click.argument("name", metavar="NAME")
DEFAULT = click.option("--default", "is_default", is_flag=True, help="Decks of the book are drawn on it from now on.")


@click.group(
    epilog=examples(
        "trackline template check corporate.pptx",
        'trackline template add corporate.pptx --name "Corporate 2027" --default',
        'trackline template sample "Corporate 2027" --to sample.pptx',
        "trackline template list --json",
    )
)
def command() -> None:
    """Deck templates: a company's own slides, on which decks are drawn. NAME is a template's name or id."""


@command.command("list", epilog=examples("trackline template list"))
@json_option
def list_templates(as_json: bool) -> None:
    """List the templates, that of the book first."""
    operator()
    rows = list(DeckTemplate.objects.alive().order_by("-is_default", "title"))
    files = _files(rows)
    if as_json:
        print_json({"items": [_row(one, files.get(one.file)) for one in rows]})
        return
    cells = [
        (one.pk, one.title, "book" if one.is_default else "", files[one.file].name if one.file in files else "no file")
        for one in rows
    ]
    print_table(("Id", "Name", "For", "File"), cells, "No templates. Decks are drawn on Trackline's own slides.")


@command.command(
    epilog=examples("trackline template check corporate.pptx", "trackline template check slides.potx --json")
)
@FILE
@json_option
def check(file: Path, as_json: bool) -> None:
    """Say what a .pptx or .potx is and lacks as a template, and keep nothing."""
    found = checked(_read(file)).found
    if as_json:
        print_json(found)
    else:
        _tell(found)


@command.command(
    epilog=examples("trackline template add corporate.pptx", "trackline template add new.pptx --replace Corporate")
)
@FILE
@click.option("--name", default="", help="What it is called. [default: the name of the file]")
@click.option("--note", default="", help="When to use it.")
@click.option("--replace", default="", metavar="NAME", help="Put the file in the place of this template's.")
@DEFAULT
@json_option
def add(file: Path, name: str, note: str, replace: str, is_default: bool, as_json: bool) -> None:
    """Keep a .pptx or .potx as a template, or in the place of the file of one."""
    ctx = operator().batched()
    of = named(ctx, replace) if replace else None
    kept = take_in(ctx, file.name, _read(file))
    rtype = registry.get("deck_template")
    given = {"title": name, "note": note, "is_default": is_default}
    data: dict[str, Any] = {field: value for field, value in given.items() if value} | {"file": kept.pk}
    made = (
        records.update(ctx, rtype, of.pk, data)
        if of
        else records.create(ctx, rtype, {"title": file.stem[:120], **data})
    )
    if as_json:
        print_json(_row(made, kept))
        return
    click.echo(f"{made} {'has the file' if of else 'added, with the file'} {kept.name}")
    _tell(kept.found)


@command.command(epilog=examples('trackline template show "Corporate 2027"'))
@NAME
@json_option
def show(name: str, as_json: bool) -> None:
    """Say what a template is and lacks."""
    found = named(operator(), name)
    file = _files([found]).get(found.file)
    if as_json:
        print_json(_row(found, file))
        return
    click.echo(f"{found}{', for the book' if found.is_default else ''}")
    if found.note:
        click.echo(found.note)
    if file is None:
        click.echo("Its file is not here. Add it: trackline template add FILE --replace NAME")
    else:
        click.echo(f"{file.name}, {file.size:,} bytes")
        _tell(file.found)


@command.command(
    epilog=examples(
        'trackline template sample "Corporate 2027" --to sample.pptx',
        "trackline template sample corporate.pptx --to sample.pptx",
    )
)
@click.argument("name", metavar="NAME|FILE")
@click.option("--to", "target", required=True, type=click.Path(path_type=Path), help="File to write: .pptx.")
def sample(name: str, target: Path) -> None:
    """Draw a deck of each kind of slide on a template, or on a file that is not kept."""
    from trackline.documents.decks.powerpoint import render  # loaded by whoever asks for slides

    if target.suffix.lower() != ".pptx":
        raise click.UsageError(f"--to {target}: end the name with .pptx.")
    ctx = operator()
    if name.lower().endswith(TEMPLATES):
        title, master = Path(name).stem, read_master(checked(_read(Path(name))).blob)
    else:
        found = named(ctx, name)
        title, master = found.title, master_of(found.file)
    content = render(sample_deck(title), ctx.now, master)
    put(target, lambda aside: aside.write_bytes(content))
    click.echo(f"{target}: {len(content):,} bytes")


@command.command(epilog=examples('trackline template use "Corporate 2027"', "trackline template use own"))
@NAME
def use(name: str) -> None:
    """Draw the decks of the book on a template, or with `own` on Trackline's own slides."""
    ctx = operator().batched()
    rtype = registry.get("deck_template")
    if name != "own":
        click.echo(f"Decks are drawn on {records.update(ctx, rtype, named(ctx, name).pk, {'is_default': True})}")
        return
    for one in DeckTemplate.objects.alive().filter(is_default=True):
        records.update(ctx, rtype, one.pk, {"is_default": False})
    click.echo("Decks are drawn on Trackline's own slides")


@command.command(epilog=examples('trackline template remove "Corporate 2025"'))
@NAME
def remove(name: str) -> None:
    """Delete a template; what was drawn on it is drawn on the book's, or on Trackline's own slides."""
    ctx = operator()
    found = named(ctx, name)
    records.delete(ctx, registry.get("deck_template"), found.pk)
    click.echo(f"{found} deleted. It can be brought back under Deleted lately.")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise Failed(f"{file} cannot be read: {problem.strerror}.") from problem


def _files(rows: list[DeckTemplate]) -> Mapping[str, DeckFile]:
    held: Mapping[str, DeckFile] = DeckFile.objects.defer("content").in_bulk([row.file for row in rows])
    return held


def _row(template: Any, file: DeckFile | None) -> dict[str, Any]:
    return {
        "id": str(template.pk), "title": template.title, "note": template.note, "is_default": template.is_default,
        "file": template.file or None, "name": file.name if file else None, "found": file.found if file else None,
    }  # fmt: skip


def _tell(found: Mapping[str, Any]) -> None:
    ground = "dark" if found["dark"] else "light"
    click.echo(f"{found['width'] / 72:.2f} × {found['height'] / 72:.2f} in, {ground}")
    click.echo(f"Faces: {found['fonts']['heading']} for headings, {found['fonts']['body']} for text")
    for use_of in ("cover", "content"):
        used = [one["name"] for one in found["layouts"] if use_of in one["used_for"]]
        click.echo(f"Layout of {'a cover' if use_of == 'cover' else 'content'}: {', '.join(used) or 'none'}")
    click.echo(f"Layouts in all: {len(found['layouts'])}")
    if found.get("slides_left_out"):
        click.echo(f"Slides left out: {found['slides_left_out']}")
    for lack in found["missing"]:
        click.echo(f"Missing: {lack}")
