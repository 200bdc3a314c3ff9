"""The trail of a link: each use and each attempt, with the office it came from, and who has to wait."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from trackline.accounts.services import sign_in as attempts
from trackline.documents.models import ShareLink, ShareVisit
from trackline.kit.problems import TooManyRequests

What = ShareVisit.What
GUESSING = "an address of a shared page"
WINDOW = timedelta(minutes=15)
WRONG_PASSWORDS = 20
"""Wrong passwords for one link within the window, from wherever, before nobody may try any more."""
WRITES_AN_HOUR = 60
"""Ticks and comments that one link takes within an hour."""
KEPT = timedelta(days=400)
"""Attempts at addresses that no link has are dropped after this time; the trail of a link stays with it."""


def note(link: ShareLink | None, what: str, now: datetime, address: str = "", detail: str = "") -> ShareVisit:
    """Write down what happened with a link."""
    if link is None:
        ShareVisit.objects.filter(link=None, at__lt=now - KEPT).delete()
    # What an attempt asked for may be anything; not every database keeps every character.
    detail = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in detail[:200])
    return ShareVisit.objects.create(link=link, at=now, what=what, network=network_of(address), detail=detail)


def check_guessing(link: ShareLink | None, address: str, now: datetime) -> None:
    """Let an address that tried too much wait. Raises `TooManyRequests`, and writes that down once."""
    wait = attempts.wait_for(GUESSING if link is None else _password_of(link), address, now)
    if link is not None and not wait:
        wrong = ShareVisit.objects.filter(link=link, what=What.WRONG_PASSWORD, at__gt=now - WINDOW).order_by("-at")
        earliest = wrong.values_list("at", flat=True)[WRONG_PASSWORDS - 1 : WRONG_PASSWORDS]
        wait = max([at + WINDOW - now for at in earliest], default=timedelta())
    if not wait:
        return
    lately = ShareVisit.objects.filter(
        link=link, what=What.SLOWED, at__gt=now - WINDOW, network=network_of(address)
    ).exists()
    if not lately:
        note(link, What.SLOWED, now, address)
    minutes = max(1, math.ceil(wait.total_seconds() / 60))
    raise TooManyRequests(
        f"Too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}.",
        retry_after=math.ceil(wait.total_seconds()),
    )


def note_unknown(address: str, now: datetime, detail: str = "") -> None:
    """Write down an address that no link has, and count it against who tried it."""
    attempts.note_failure(GUESSING, address, now)
    note(None, What.UNKNOWN, now, address, detail)


def note_wrong_password(link: ShareLink, address: str, now: datetime) -> None:
    """Write down a wrong password, and count it against who tried it."""
    attempts.note_failure(_password_of(link), address, now)
    note(link, What.WRONG_PASSWORD, now, address)


def note_right_password(link: ShareLink, address: str, now: datetime) -> None:
    """Write down that the page was unlocked; that address may err again."""
    attempts.forget_failures(_password_of(link), address)
    note(link, What.UNLOCKED, now, address)


def check_writing(link: ShareLink, address: str, now: datetime) -> None:
    """Let nobody flood an account. Raises `TooManyRequests` after many ticks and comments within an hour."""
    wrote = (What.TICKED, What.UNTICKED, What.COMMENTED)
    lately = ShareVisit.objects.filter(link=link, what__in=wrote, at__gt=now - timedelta(hours=1)).count()
    if lately >= WRITES_AN_HOUR:
        note(link, What.SLOWED, now, address)
        raise TooManyRequests("Much was written here within the last hour. Try again later.", retry_after=3600)


def network_of(address: str) -> str:
    """Return the office an address belongs to: its first 24 bits, of IPv6 its first 48."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network(f"{found}/{24 if isinstance(found, IPv4Address) else 48}", strict=False))


def _password_of(link: ShareLink) -> str:
    return f"password of shared page {link.pk}"
