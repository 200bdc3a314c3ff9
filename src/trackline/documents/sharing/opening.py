"""What a customer does with a link: open it, unlock it, tick an action, comment. Nobody is signed in here.

Source: PERM-08, PLAN-09.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import check_password
from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare

from trackline.accounts.access import digest
from trackline.documents.models import FormerAddress, ShareLink, ShareVisit
from trackline.documents.sharing import visits
from trackline.documents.sharing.caller import Caller, context_of, day_of, refuse, require_customer, tell
from trackline.documents.sharing.page import SharedAction, SharedPage, page_of
from trackline.kickoff.models import Action
from trackline.kit.problems import Forbidden, Gone, Invalid, NotFound
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

What = ShareVisit.What
SALT = "trackline.sharing.unlocked"
UNLOCKED_SECONDS = 12 * 3600
LONGEST_COMMENT, LONGEST_NAME = 4000, 100
TAG = "customer page"


def find(token: str, caller: Caller) -> ShareLink:
    """Return the link of an address. Raises `NotFound` for one that no link has, `Gone` for one that opens nothing any more."""
    visits.check_guessing(None, caller.address, caller.now)
    link = ShareLink.objects.filter(secret__digest=digest(token)).select_related("secret", "account").first()
    if link is None and (
        former := FormerAddress.objects.filter(digest=digest(token)).select_related("link__account").first()
    ):
        raise _void(former.link, caller, _closed_by(former.link) or "replaced by a newer address")
    if link is not None and (why := _closed_by(link)):
        raise _void(link, caller, why)
    if link is None:
        visits.note_unknown(caller.address, caller.now)
        raise NotFound(
            "This address is not known. Perhaps a part of it was cut off: copy it whole, or ask who sent it."
        )
    if link.expires_on < day_of(caller.now):
        visits.note(link, What.EXPIRED, caller.now, caller.address)
        raise Gone("The time of this page is over. Ask who sent it for a new address.")
    return link  # type: ignore[no-any-return]


def _closed_by(link: ShareLink) -> str:
    """Return by what no address of a page opens it any more, empty while one may."""
    if link.revoked:
        return "page revoked"
    if link.deleted_at:
        return "page deleted"
    return "account deleted" if link.account.deleted_at else ""


def _void(link: ShareLink, caller: Caller, why: str) -> Gone:
    visits.note(link, What.VOID, caller.now, caller.address, why)
    return Gone("This address is not in use any more. Ask who sent it for the one of today.")


def is_locked(link: ShareLink, caller: Caller) -> bool:
    """Tell whether the password is still to be given."""
    if not link.secret.password:
        return False
    try:
        given = signing.loads(caller.key, salt=SALT, max_age=UNLOCKED_SECONDS)
    except signing.BadSignature:
        return True
    return not constant_time_compare(str(given), _lock(link))


def unlock(link: ShareLink, caller: Caller, password: str) -> str:
    """Return what shows for some hours that the password was given. Raises `Invalid` for a wrong one."""
    visits.check_guessing(link, caller.address, caller.now)
    if not check_password(password, link.secret.password):
        visits.note_wrong_password(link, caller.address, caller.now)
        raise Invalid.fields({"password": "This is not the password. Ask who sent you the address."})
    visits.note_right_password(link, caller.address, caller.now)
    return signing.dumps(_lock(link), salt=SALT)


def show(link: ShareLink, caller: Caller, file: str = "") -> SharedPage:
    """Return the page, and count the view, or note the `file` that is taken."""
    if file:
        visits.note(link, What.FILE, caller.now, caller.address, f"{file} {caller.by_us}".strip())
    else:
        visits.note(link, What.OPENED, caller.now, caller.address, caller.by_us)
        if not caller.of_us:
            ShareLink.objects.filter(pk=link.pk).update(views=F("views") + 1, last_seen_at=caller.now)
    return page_of(link, day_of(caller.now))


def tick(link: ShareLink, caller: Caller, ref: str, done: bool) -> SharedAction:
    """Mark a joint action of the customer's side as done, or open again what they did today; the owner is told.

    Raises `NotFound` for what is not on the page or not theirs to tick.
    """
    shown = page_of(link, day_of(caller.now)).actions or ()
    action = next((one for one in shown if one.tickable and constant_time_compare(one.ref, ref)), None)
    if action is None:
        raise refuse(link, caller, f"tick {ref}"[:60])
    require_customer(caller)
    visits.check_writing(link, caller.address, caller.now)
    if action.done == done:
        return action
    ctx = context_of(link, caller)
    with transaction.atomic():
        status = Action.Status.DONE if done else Action.Status.OPEN
        records.update(ctx, registry.get("action"), action.pk, {"status": status.value})
        title = action.fields["title"]
        visits.note(link, What.TICKED if done else What.UNTICKED, caller.now, caller.address, title)
        said = "The customer did" if done else "The customer opened again"
        tell(ctx, link, f"{said}: {title}", f"action-{action.pk}-{status.value}")
    return action


def comment(link: ShareLink, caller: Caller, name: str, text: str) -> Any:
    """Keep what the customer writes as a note, and tell the account's owner. Raises `Invalid` naming the field."""
    if not link.may_comment:
        visits.note(link, What.BEYOND, caller.now, caller.address, "comment")
        raise Forbidden("This page takes no comments.")
    require_customer(caller)
    name, text = name.replace("\x00", "").strip(), text.replace("\x00", "").strip()
    wrong = {}
    if not name or len(name) > LONGEST_NAME:
        wrong["name"] = "Please say who you are." if not name else f"At most {LONGEST_NAME} characters, please."
    if not text or len(text) > LONGEST_COMMENT:
        wrong["text"] = "Please write something." if not text else f"At most {LONGEST_COMMENT} characters, please."
    if wrong:
        raise Invalid.fields(wrong)
    visits.check_writing(link, caller.address, caller.now)
    ctx = context_of(link, caller)
    with transaction.atomic():
        data = {
            "account": link.account_id,
            "title": f"Comment of {name} on “{link.title}”"[:250],
            "body": text,
            "tags": [TAG],
            "on": day_of(caller.now),
        }
        note = records.create(ctx, registry.get("note"), data)
        visits.note(link, What.COMMENTED, caller.now, caller.address, f"by {name}")
        tell(ctx, link, f"{name} commented: {text}", f"note-{note.pk}")
    return note


def _lock(link: ShareLink) -> str:
    """What an unlocked page holds: another password, or another address, locks it again."""
    return digest(f"{link.pk}/{link.secret.digest}/{link.secret.password}")
