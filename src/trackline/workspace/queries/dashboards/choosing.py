"""What can be chosen of a tile, as a form: its title, its size, and the options of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from trackline.accounts.models import Metric, SavedView
from trackline.book.dashboards.gallery import HEIGHTS, WIDTHS, Gallery, Option, TileKind, gallery
from trackline.book.dashboards.tiles import Tile
from trackline.kit.forms import FormField
from trackline.kit.policy import Context
from trackline.kit.records.types import registry
from trackline.workspace.queries.dashboards.views import LISTS

SIZES = {"w": ("Width, twelfths", WIDTHS), "h": ("Height, rows", HEIGHTS)}


def fields_of(ctx: Context, tile: Tile, errors: Mapping[str, str] | None = None) -> list[FormField]:
    """Return the form of a tile; one query for each kind of choice that the book offers."""
    wrong = errors or {}
    usual = tile.kind.title
    found = [
        FormField(
            name="title", label="Title", value=tile.title, max_length=80, placeholder=usual,
            help="Without one it is called by what it shows.", errors=_of(wrong, "title"),
        )
    ]  # fmt: skip
    found += [
        _field(ctx, option, tile.options.get(name, ""), _of(wrong, f"options.{name}"))
        for name, option in tile.kind.options.items()
    ]
    for name, (label, (least, most)) in SIZES.items():
        choices = [(str(size), str(size)) for size in range(least, most + 1)]
        found.append(
            FormField(name=name, kind="choice", label=label, choices=choices, value=str(getattr(tile, name)),
                      required=True, widget="select", errors=_of(wrong, name))
        )  # fmt: skip
    return found


def read(kind: TileKind, posted: Mapping[str, str]) -> dict[str, Any]:
    """Return what a form of a tile sent, as a dashboard keeps it; what cannot be read stays as it came, and is refused."""
    given: dict[str, Any] = {"title": " ".join(posted.get("title", "").split())}
    for name in SIZES:
        text = posted.get(name, "")
        given[name] = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else text
    given["options"] = {
        name: posted.get(f"options.{name}", "") or option.default for name, option in kind.options.items()
    }
    return given


def shelves() -> list[tuple[str, Sequence[TileKind]]]:
    """Return the gallery by group, in its order."""
    found: Gallery = gallery()
    return [
        (words, [kind for kind in found.kinds.values() if kind.group == key]) for key, words in found.groups.items()
    ]


def _of(errors: Mapping[str, str], name: str) -> Sequence[str]:
    return [errors[name]] if name in errors else ()


def _field(ctx: Context, option: Option, value: str, errors: Sequence[str]) -> FormField:
    name = f"options.{option.name}"
    if option.free:
        return FormField(name=name, label=option.label, help=option.help, value=value, max_length=400, errors=errors)
    choices = list(option.choices.items()) or _offered(ctx, option.source)
    if value and value not in dict(choices):
        choices.append((value, "no longer there"))
    return FormField(
        name=name, kind="choice", label=option.label, help=option.help, choices=choices, value=value,
        required=bool(option.default), widget="select", placeholder="choose", errors=errors,
    )  # fmt: skip


def _offered(ctx: Context, source: str) -> list[tuple[str, str]]:
    if source == "metrics":
        metrics = Metric.objects.alive().filter(account__isnull=True, active=True).order_by("name")
        return list(metrics.values_list("key", "name"))
    if source == "record_types":
        return sorted(((rtype.name, rtype.labels) for rtype in registry.all()), key=lambda one: one[1].casefold())
    words = dict(LISTS)
    mine = Q(shared=True) | Q(user_id=ctx.actor.user_id)
    rows = SavedView.objects.filter(mine, record_type__in=list(words)).order_by("record_type", "name")
    return [(str(pk), f"{words[kind]}: {name}") for pk, kind, name in rows.values_list("pk", "record_type", "name")]
