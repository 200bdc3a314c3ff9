"""What writes of waves mean, and the personal links that take answers without sign-in (SUR-02, SUR-04, SUR-05)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils import timezone

from trackline.accounts.models import Contact
from trackline.accounts.settings import setting, several
from trackline.kit.policy import WRITE, Context, system_context
from trackline.kit.problems import Invalid, NotFound, Refused
from trackline.kit.records import services as records
from trackline.kit.records.moves import check_move, status_before
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry
from trackline.track.models import Invitation, Response, SurveyLink, Wave
from trackline.track.models.surveys import Audience
from trackline.track.rules.surveys import Instrument, surveys

SALT = "trackline.survey"
MOVES = {"draft": ("open", "closed"), "open": ("closed",), "closed": ("open",)}
LONGEST_ANSWER = 4000


def prepare_wave(ctx: Context, wave: Any, changed: set[str], links: dict[str, list[int]]) -> None:
    """Hold to the states of a wave, date it when it opens, and keep what was asked once answers are there."""
    before = status_before(wave)
    if before:
        check_move("A wave", before, wave.status, MOVES, dict(Wave.Status.choices))
    if before not in (None, "draft") and {"survey", "about"} & changed:
        now = Wave.objects.values_list("survey", "about").get(pk=wave.pk)
        if now != (wave.survey, wave.about):
            raise Refused("The questions of a wave stay as they were sent. Make another wave.")
    if wave.status == "open" and before != "open":
        _open(ctx, wave, links)
    if wave.status == "closed" and wave.sent_on is None:
        wave.sent_on = ctx.today
    if wave.sent_on and wave.closes_on and wave.closes_on < wave.sent_on:
        raise Invalid.fields({"closes_on": "Answers cannot end before the wave is sent."})
    if wave.survey_version is None and wave.sent_on:
        wave.survey_version = surveys().in_force(wave.survey, wave.sent_on).version


def _open(ctx: Context, wave: Any, links: Mapping[str, list[int]]) -> None:
    asked = links["contacts"] if "contacts" in links else list(_asked_ids(wave))
    if not asked:
        raise Refused(
            "Choose who is asked before the wave opens.", [{"loc": ["contacts"], "msg": "Needed to open the wave."}]
        )
    wave.sent_on = wave.sent_on or ctx.today
    if wave.closes_on is None or wave.closes_on < ctx.today:
        wave.closes_on = ctx.today + timedelta(days=setting("survey.open_days"))


def _asked_ids(wave: Any) -> Any:
    if wave.pk is None:
        return ()
    return Invitation.objects.filter(wave=wave, contact__deleted_at__isnull=True).values_list("contact", flat=True)


def after_wave(ctx: Context, wave: Any, changed: set[str], _created: bool) -> None:
    """Make the links of a wave that opens."""
    if wave.status == "open":
        SurveyLink.objects.get_or_create(wave=wave, defaults={"serial": secrets.token_urlsafe(24)})


@dataclass(frozen=True)
class Asked:
    """Somebody who is asked: audience, whether they answered, and the path of their link while the wave is open.

    `answered` is None for who may answer without a name and has not answered with it: telling would name whoever was alone.
    """

    contact: Contact
    audience: str
    answered: bool | None
    path: str

    @property
    def audience_label(self) -> str:
        """The audience in words."""
        return dict(Audience.choices).get(self.audience, "no seniority")


def asked_of(ctx: Context, wave: Wave) -> Sequence[Asked]:
    """Return who is asked in a wave; links only for who may write, in three queries."""
    return asked_in(ctx, [wave])[wave.pk]


def asked_in(ctx: Context, found: Sequence[Wave]) -> Mapping[int, Sequence[Asked]]:
    """Return who is asked in each of several waves; links only for who may write, in three queries."""
    rows: dict[int, list[Invitation]] = {wave.pk: [] for wave in found}
    alive = Invitation.objects.filter(wave__in=rows, contact__deleted_at__isnull=True).select_related("contact")
    for row in alive.order_by("contact__name", "pk"):
        rows[row.wave_id].append(row)
    links = dict(SurveyLink.objects.filter(wave__in=rows).values_list("wave", "serial"))
    told = Response.objects.filter(wave__in=rows, deleted_at__isnull=True, contact__isnull=False)
    answered = set(told.values_list("wave", "contact"))
    may = ctx.actor.may(WRITE)
    return {
        wave.pk: _asked(wave, rows[wave.pk], answered, links.get(wave.pk, "") if may and wave.status == "open" else "")
        for wave in found
    }


def _asked(wave: Wave, rows: Sequence[Invitation], answered: set[tuple[int, int]], serial: str) -> list[Asked]:
    people = [(row, surveys().audience_of(row.contact.seniority)) for row in rows]
    secret = _hides(wave, [audience for _, audience in people])
    return [
        Asked(
            row.contact,
            audience,
            True
            if (wave.pk, row.contact_id) in answered
            else None
            if secret and audience == Audience.END_USER
            else row.answered,
            path_of(wave, row.contact_id, serial) if serial else "",
        )
        for row, audience in people
    ]


def _hides(wave: Wave, audiences: Sequence[str]) -> bool:
    """Tell whether end users may answer without a name: enough of them are asked (SUR-05)."""
    return wave.anonymous and bool(audiences.count(Audience.END_USER) >= setting("survey.group_min"))


def path_of(wave: Wave, contact: int, serial: str) -> str:
    """Return the path of a personal link: signed, so nobody guesses another one."""
    return f"/answer/{signing.dumps([wave.pk, contact, serial], salt=SALT)}"


def void_links(ctx: Context, pk: Any) -> Wave:
    """Give a wave new links; all earlier ones are void."""
    ctx.require(WRITE)
    wave: Wave = get(ctx, registry.get("wave"), pk)
    if wave.status != "open":
        raise Refused("Only an open wave has links.")
    SurveyLink.objects.update_or_create(wave=wave, defaults={"serial": secrets.token_urlsafe(24)})
    return wave


# -- answering -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sheet:
    """What a personal link opens: the questions, and what its person answered before."""

    wave: Wave
    contact: Contact
    instrument: Instrument
    response: Response | None
    given: bool
    may_hide: bool

    @property
    def done(self) -> bool:
        """Answered without a name: such answers cannot be found again, so they cannot be changed."""
        return self.given and self.response is None


def open_sheet(token: str, now: datetime) -> Sheet:
    """Return the sheet behind a link. Raises `NotFound` for a link that is void, and `Refused` once the wave is closed."""
    unknown = NotFound("This link is not known. Perhaps a part of it was cut off: copy it whole, or ask who sent it.")
    try:
        wave_id, contact_id, serial = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise unknown from None
    row = (
        Invitation.objects.filter(wave=wave_id, contact=contact_id, wave__link__serial=serial)
        .filter(wave__deleted_at__isnull=True, contact__deleted_at__isnull=True, wave__account__deleted_at__isnull=True)
        .select_related("wave__account", "contact")
        .first()
    )
    if row is None:
        raise unknown
    wave = row.wave
    today = timezone.localtime(now).date()
    if wave.status != "open" or (wave.closes_on and wave.closes_on < today):
        raise Refused("This survey is closed and takes no more answers. Thank you for your interest.")
    response = Response.objects.filter(wave=wave, contact=row.contact, deleted_at__isnull=True).first()
    sheet = surveys().version(wave.survey, wave.survey_version, wave.sent_on or today)
    return Sheet(wave, row.contact, sheet, response, row.answered or response is not None, may_hide(wave, row.contact))


def may_hide(wave: Wave, contact: Contact) -> bool:
    """Tell whether a contact may answer without a name: an end user, among enough of them (SUR-05)."""
    if not wave.anonymous or surveys().audience_of(contact.seniority) != Audience.END_USER:
        return False
    people = Invitation.objects.filter(wave=wave, contact__deleted_at__isnull=True)
    return _hides(
        wave, [surveys().audience_of(seniority) for seniority in people.values_list("contact__seniority", flat=True)]
    )


def give_answers(token: str, posted: Mapping[str, str], now: datetime) -> Response:
    """Take the answers of a link, in place of earlier ones of the same person. Raises `Invalid` naming each question."""
    sheet = open_sheet(token, now)
    if sheet.done:
        raise Refused(
            "You have answered already, without your name, so the answers cannot be found again to change them."
        )
    data = _read(sheet, posted)
    ctx = system_context(now, "web")
    rtype = registry.get("response")
    with transaction.atomic():
        Invitation.objects.select_for_update().get(wave=sheet.wave, contact=sheet.contact)
        sheet = open_sheet(token, now)
        if sheet.response is not None:
            return records.update(ctx, rtype, sheet.response.pk, data | {"on": ctx.today})  # type: ignore[no-any-return]
        if sheet.done:
            raise Refused("You have answered already.")
        hidden = sheet.may_hide and posted.get("anonymous") == "1"
        who = {"audience": Audience.END_USER} if hidden else {"contact": sheet.contact.pk}
        made: Response = records.create(ctx, rtype, data | who | {"wave": sheet.wave.pk, "channel": "link"})
        Invitation.objects.filter(wave=sheet.wave, contact=sheet.contact).update(answered=True)
    return made


def _read(sheet: Sheet, posted: Mapping[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for question in sheet.instrument.questions:
        text = posted.get(question.field, "").strip()
        if question.kind == "text":
            if len(text) > LONGEST_ANSWER:
                wrong[question.field] = f"At most {LONGEST_ANSWER} characters, please."
            data[question.field] = text[:LONGEST_ANSWER].replace("\x00", "")
        elif not text:
            if not question.optional:
                wrong[question.field] = "Please choose an answer here; all others may stay open."
            data[question.field] = None
        elif text.isascii() and text.isdecimal() and len(text) < 3 and int(text) in question.scale:
            data[question.field] = int(text)
        else:
            wrong[question.field] = f"Choose a number from {question.scale[0]} to {question.scale[-1]}."
    if wrong:
        raise Invalid.fields(wrong)
    return data


# -- what is to be done ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chase:
    """What a wave asks of us now: a reminder from a day, executives to call (SUR-04), audiences nobody of is asked."""

    remind_on: Any
    remind_due: bool
    silent: Sequence[Asked]
    call: Sequence[Asked]
    lacking: Sequence[str]
    untold: bool
    """Whether some may have answered without a name."""


def chase(wave: Wave, people: Sequence[Asked], today: Any) -> Chase:
    """Return what to do about who is silent, and which audiences are not asked (SUR-02)."""
    days = several("survey.reminder_days", "survey.phone_days")
    silent = [one for one in people if one.answered is False]
    untold = any(one.answered is None for one in people)
    running = wave.status == "open" and wave.sent_on is not None
    remind_on = wave.sent_on + timedelta(days=days["survey.reminder_days"]) if wave.sent_on else None
    call_on = wave.sent_on + timedelta(days=days["survey.phone_days"]) if wave.sent_on else None
    reminded = wave.reminded_on is not None and remind_on is not None and wave.reminded_on >= remind_on
    asked = {one.audience for one in people}
    lacking = [str(label) for key, label in Audience.choices if key not in asked]
    return Chase(
        remind_on,
        bool(running and (silent or untold) and remind_on and today >= remind_on and not reminded),
        silent if running else [],
        [one for one in silent if one.audience == Audience.EXECUTIVE]
        if running and call_on and today >= call_on
        else [],
        lacking if wave.survey != "micro" else [],
        untold,
    )
