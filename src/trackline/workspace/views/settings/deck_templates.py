"""Templates of decks: uploaded, looked at before they are kept, chosen for the book, replaced, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from trackline.documents.deck_templates.files import file_of, master_of, take_in_stream
from trackline.documents.decks.sample import sample_deck
from trackline.documents.models import DeckFile, DeckTemplate
from trackline.kit import htmx
from trackline.kit.history.models import Change
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.workspace.records import addresses
from trackline.workspace.records.views.common import done
from trackline.workspace.views.documents import POWERPOINT
from trackline.workspace.views.settings.frame import draw
from trackline.workspace.web import page

KEY = "deck-templates"
ROOT = f"/settings/{KEY}"
SHOWN = ("bg1", "tx1", "tx2", "bg2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6")
WORDS = {"bg1": "Ground", "tx1": "Text", "tx2": "Quiet text", "bg2": "Figures’ ground"} | {
    f"accent{at}": f"Accent {at}" for at in range(1, 7)
}
RATIOS = ((4 / 3, "4:3"), (16 / 9, "16:9"), (16 / 10, "16:10"), (297 / 210, "A4"))


@dataclass(frozen=True)
class Look:
    """A file as the page shows it: what it is, in words and in the measures of its picture."""

    file: DeckFile

    @property
    def size(self) -> str:
        """How large its slides are, in inches, with the name of their shape."""
        wide, high = self.file.found["width"], self.file.found["height"]
        named = next((name for ratio, name in RATIOS if abs(wide / high - ratio) < 0.01), "")
        return f"{wide / 72:.2f} × {high / 72:.2f} in" + (f", {named}" if named else "")

    @property
    def colours(self) -> list[tuple[str, str]]:
        """Its colours with what they are for."""
        return [(WORDS[name], self.file.found["colours"][name]) for name in SHOWN if name in self.file.found["colours"]]

    @property
    def used(self) -> dict[str, str]:
        """The layouts that decks use, by what for."""
        return {use: one["name"] for one in self.file.found["layouts"] for use in one["used_for"]}

    @property
    def picture(self) -> dict[str, Any]:
        """Where things stand on a slide of content: title, figures, words and columns, in points."""
        area = self.file.found["area"]
        step = area["w"] / 4
        wide = (area["w"] - 24) / 2
        floor = area["y"] + area["h"]
        return {
            "tiles": [{"x": area["x"] + at * step, "y": area["y"], "w": step - 10, "h": 62} for at in range(4)],
            "lines": [{"x": area["x"], "y": area["y"] + 84 + at * 26, "w": wide - (at % 3) * 40, "h": 8} for at in range(6)],
            "bars": [
                {"x": area["x"] + wide + 24 + at * wide / 4, "y": floor - high, "w": wide / 4 - 16, "h": high, "at": f"accent{at + 1}"}
                for at, high in enumerate((area["h"] * 0.28, area["h"] * 0.42, area["h"] * 0.35, area["h"] * 0.6))
            ],
            "small": self.file.found["title"]["h"] * 0.5,
        }  # fmt: skip


@page("GET", "HEAD", "POST")
def templates(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show the templates; a file that is sent leads to its preview."""
    if request.method == "POST":
        ctx.require(ADMIN)
        return _taken(request, ctx)
    return _listed(request, ctx)


def _taken(request: HttpRequest, ctx: Context) -> HttpResponse:
    sent, of = request.FILES.get("file"), request.POST.get("of", "")
    try:
        if sent is None:
            raise Invalid.fields({"template": "Choose a file first."})
        file = take_in_stream(ctx, sent.name or "", sent.chunks())
    except Invalid as problem:
        return _listed(request, ctx, [error["msg"] for error in problem.errors], of)
    return htmx.redirect(request, f"{ROOT}/files/{file.pk}" + (f"?of={of}" if of.isdecimal() else ""))


def _listed(request: HttpRequest, ctx: Context, errors: list[str] | None = None, of: str = "") -> HttpResponse:
    rows = list(DeckTemplate.objects.alive().order_by("-is_default", "title"))
    files = {file.pk: file for file in DeckFile.objects.filter(pk__in=[row.file for row in rows]).defer("content")}
    shown = [
        {"template": row, "look": Look(files[row.file]) if row.file in files else None, "before": []} for row in rows
    ]
    _add_before(shown)
    context = {"shown": shown, "errors": errors or [], "of": of}
    return draw(request, ctx, KEY, "workspace/settings/deck_templates.html", context, status=422 if errors else 200)


def _add_before(shown: list[dict[str, Any]]) -> None:
    """Add the files that templates held before, the newest first, in two queries."""
    by_pk = {entry["template"].pk: entry for entry in shown}
    changes = Change.objects.filter(
        record_type="deck_template", record_id__in=by_pk, action=Change.Action.UPDATE
    ).order_by("-id")
    told = [
        (change, change.changes["file"][0]) for change in changes.select_related("actor") if "file" in change.changes
    ]
    files = DeckFile.objects.defer("content").in_bulk([name for _change, name in told if name])
    for change, name in told:
        entry = by_pk[change.record_id]
        known = {one["file"].pk for one in entry["before"]} | {entry["template"].file}
        if name in files and name not in known:
            entry["before"].append({"file": files[name], "change": change})


@page("GET", "HEAD", "POST", permission=ADMIN)
def preview(request: HttpRequest, ctx: Context, file: str) -> HttpResponse:
    """Show what a file is before it is kept as a template, or in the place of the file of one; then keep it."""
    found = file_of(file)
    given = request.POST if request.method == "POST" else request.GET
    of = get(ctx, registry.get("deck_template"), given["of"]) if given.get("of", "").isdecimal() else None
    values = {
        "title": found.name.rsplit(".", 1)[0],
        "note": "",
        "is_default": not DeckTemplate.objects.alive().exists(),
    }
    errors: dict[str, str] = {}
    if request.method == "POST":
        values = {name: request.POST.get(name, "") for name in ("title", "note")} | {
            "is_default": "is_default" in request.POST
        }
        try:
            _keep(ctx, found, of, values)
            return htmx.redirect(request, ROOT)
        except Invalid as problem:
            errors = {str(error["loc"][-1]) if error["loc"] else "title": error["msg"] for error in problem.errors}
    context = {"look": Look(found), "of": of, "values": values, "errors": errors}
    return draw(request, ctx, KEY, "workspace/settings/deck_template_new.html", context, status=422 if errors else 200)


def _keep(ctx: Context, file: DeckFile, of: DeckTemplate | None, values: Mapping[str, Any]) -> None:
    rtype = registry.get("deck_template")
    if of is not None:
        records.update(ctx, rtype, of.pk, {"file": file.pk})
        return
    data = {"title": str(values["title"]).strip()[:120], "note": values["note"], "is_default": values["is_default"]}
    records.create(ctx.batched(), rtype, {**data, "file": file.pk})


@page()
def sample(_request: HttpRequest, _ctx: Context, file: str) -> HttpResponse:
    """A deck of each kind of slide on a file's layouts."""
    from trackline.documents.decks.powerpoint import render  # loaded by whoever asks for slides

    found = file_of(file)
    return _file(
        render(sample_deck(found.name.rsplit(".", 1)[0]), found.taken_at, master_of(file)), f"sample-{file[:8]}"
    )


@page()
def download(_request: HttpRequest, _ctx: Context, file: str) -> HttpResponse:
    """The file itself."""
    return _file(bytes(file_of(file).content), f"template-{file[:8]}")


@page("POST", permission=ADMIN)
def default(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Let a template be the book's, or not any more."""
    rtype, yes = registry.get("deck_template"), bool(request.POST.get("yes"))
    batch = ctx.batched()
    changed = records.update(batch, rtype, pk, {"is_default": yes})
    text = f"Decks are drawn on {changed}" if yes else "Decks are drawn on Trackline’s own slides"
    return htmx.changed(htmx.toast(htmx.done(), text, addresses.undo_batch(batch.batch)))


@page("POST", permission=ADMIN)
def remove(_request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Delete a template; what was drawn on it is drawn on the book's, or on our own."""
    rtype = registry.get("deck_template")
    template = get(ctx, rtype, pk)
    return done(f"{template} deleted", rtype, template, records.delete(ctx, rtype, pk))


@page("POST", permission=ADMIN)
def earlier(request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Put an earlier file of a template back in its place."""
    rtype = registry.get("deck_template")
    changed = records.update(ctx, rtype, pk, {"file": request.POST.get("file", "")})
    return done(f"{changed} has its earlier file again", rtype, changed, getattr(changed, "last_change", None))


def _file(body: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        body, content_type=POWERPOINT, headers={"Content-Disposition": f'attachment; filename="{name}.pptx"'}
    )
