"""What people do about an alert, in a dialog that asks for what it needs: cause, verdict, reason, person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from trackline.accounts.models import User
from trackline.kit import htmx
from trackline.kit.forms import FormField
from trackline.kit.policy import WRITE, Context
from trackline.kit.problems import Invalid
from trackline.kit.records.queries import get
from trackline.kit.records.types import RecordType, registry
from trackline.watch import services
from trackline.watch.models import Alert
from trackline.workspace.records import addresses, forms
from trackline.workspace.records.views.common import done, shortened
from trackline.workspace.web import page

Posted = Mapping[str, str]


@dataclass(frozen=True)
class Deed:
    """One thing that is done to an alert: what its dialog asks, what it does, what it says when done."""

    title: str
    text: str
    confirm: str
    said: str
    fields: Callable[[], Sequence[FormField]]
    do: Callable[[Context, int, Posted], Any]


def _person(name: str, label: str, *, required: bool, help: str = "") -> FormField:  # noqa: A002  (a field's word)
    options_url = addresses.options(registry.get("user"))
    return FormField(name=name, kind="ref", label=label, required=required, help=help, options_url=options_url)


def _words(name: str, label: str, *, required: bool = True) -> FormField:
    return FormField(name=name, kind="longtext", label=label, required=required, wide=True, autofocus=True)


def _user(posted: Posted, name: str) -> int | None:
    """The person that a form names, or None. Raises `Invalid` for nobody of ours."""
    text = posted.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18 or not User.objects.alive().filter(pk=int(text)).exists():
        raise Invalid.fields({name: "Choose one of our people."})
    return int(text)


def _hand_over(ctx: Context, pk: int, posted: Posted) -> Any:
    owner = _user(posted, "owner")
    if owner is None:
        raise Invalid.fields({"owner": "Choose who takes it on."})
    given, eta = posted.get("eta_at", "").strip(), None
    if given:
        try:
            eta = parse_datetime(given)
        except ValueError:
            eta = None
        if eta is None:
            raise Invalid.fields({"eta_at": "Choose a day and a time."})
        eta = timezone.make_aware(eta) if timezone.is_naive(eta) else eta
    return services.acknowledge(ctx, pk, owner=owner, eta_at=eta)


def _diagnose(ctx: Context, pk: int, posted: Posted) -> Any:
    return services.diagnose(ctx, pk, posted.get("diagnosis", ""))


def _escalate(ctx: Context, pk: int, posted: Posted) -> Any:
    return services.escalate(ctx, pk, to=_user(posted, "to"), reason=posted.get("reason", ""))


def _close(ctx: Context, pk: int, posted: Posted) -> Any:
    verdict, note = posted.get("verdict", ""), posted.get("note", "")
    errors = {} if verdict in services.JUDGED else {"verdict": "Say whether it was real."}
    if not note.strip():
        errors["note"] = "Say what was done about it."
    if errors:
        raise Invalid.fields(errors)
    return services.close(ctx, pk, verdict=verdict, note=note)


def _dismiss(ctx: Context, pk: int, posted: Posted) -> Any:
    return services.dismiss(ctx, pk, posted.get("reason", ""))


VERDICTS = [(one, label) for one, label in Alert.Verdict.choices if one in services.JUDGED]
DEEDS: Mapping[str, Deed] = {
    "hand-over": Deed(
        "Hand over", "Whoever takes it on has acknowledged it.", "Hand over", "handed over",
        lambda: [
            _person("owner", "New owner", required=True),
            FormField(name="eta_at", kind="datetime", label="Answer expected"),
        ],
        _hand_over,
    ),
    "diagnose": Deed(
        "Name the cause", "What is behind it? The clock of the diagnosis stops.", "Save the cause", "cause named",
        lambda: [_words("diagnosis", "Cause")], _diagnose,
    ),
    "escalate": Deed(
        "Escalate", "Brings it before our sponsor of the account; its owner stays.", "Escalate", "escalated",
        lambda: [
            _words("reason", "What is at stake", required=False),
            _person("to", "To", required=False, help="Left empty: our sponsor, else the owner's manager."),
        ],
        _escalate,
    ),
    "close": Deed(
        "Close", "The verdict tells how far the signal can be trusted.", "Close the alert", "closed",
        lambda: [
            FormField(name="verdict", kind="choice", label="Was it real?", required=True, choices=VERDICTS),
            _words("note", "What was done"),
        ],
        _close,
    ),
    "dismiss": Deed(
        "Dismiss", "Puts it aside as a false alarm. The same thing is not told again.", "Dismiss the alert", "dismissed",
        lambda: [_words("reason", "Why it is no alarm")], _dismiss,
    ),
}  # fmt: skip
"""By the last word of their address."""


@page("GET", "POST", permission=WRITE)
def deed(request: HttpRequest, ctx: Context, pk: int, verb: str) -> HttpResponse:
    """GET: the dialog that asks. POST: do it; what is missing comes back in the dialog (422)."""
    chosen, rtype = DEEDS[verb], registry.get("alert")
    alert = get(ctx, rtype, pk)
    if request.method == "GET":
        return render(request, "kit/c/confirm.html", _dialog(rtype, alert, verb, chosen))
    try:
        changed = chosen.do(ctx, alert.pk, request.POST)
    except Invalid as problem:
        context = _dialog(rtype, alert, verb, chosen, request.POST, forms.errors_of(problem))
        return render(request, "kit/c/confirm.html", context, status=problem.status)
    return htmx.close_dialog(_done(rtype, changed, chosen.said))


@page("POST", permission=WRITE)
def acknowledge(_request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Take an alert on, with one click."""
    return _done(registry.get("alert"), services.acknowledge(ctx, pk), "acknowledged")


@page("POST", permission=WRITE)
def play(_request: HttpRequest, ctx: Context, pk: int) -> HttpResponse:
    """Start what answers an alert, with one click; the toast takes play, steps and link back."""
    started = services.start_play(ctx, pk)
    response = htmx.toast(
        htmx.done(), f"Play started: {shortened(started.title)}", addresses.undo_batch(started.last_change.batch)
    )
    return htmx.changed(response)


def _dialog(
    rtype: RecordType,
    alert: Any,
    verb: str,
    chosen: Deed,
    posted: Posted | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    fields = list(chosen.fields())
    for field in fields:
        field.errors = (errors or {}).get(field.name, ())
        field.value = (posted or {}).get(field.name, "")
        if field.kind == "ref" and (person := User.objects.alive().filter(pk=_id(field.value)).first()):
            field.selected = [{"value": person.pk, "label": person.name}]
    return {
        "title": f"{chosen.title}: {shortened(alert.title)}",
        "text": chosen.text,
        "fields": fields,
        "action": addresses.act(rtype, alert.pk, verb),
        "confirm": chosen.confirm,
        "target": "#dialog",
        "swap": "innerHTML",
    }


def _id(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _done(rtype: RecordType, alert: Any, said: str) -> HttpResponse:
    return done(f"{shortened(alert.title)}: {said}", rtype, alert, getattr(alert, "last_change", None))
