"""What we do with a link: set it up, give it an address and a password, revoke it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Count, Q

from trackline.accounts.access import digest
from trackline.accounts.models import Kpi
from trackline.accounts.settings import setting
from trackline.documents.models import FormerAddress, ShareLink, ShareSecret, ShareVisit
from trackline.documents.sharing import visits
from trackline.kit.policy import ADMIN, WRITE, Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

What = ShareVisit.What
LONGEST = timedelta(days=366)
SHORTEST_PASSWORD = 8
LATELY = timedelta(days=30)
"""Attempts of this time are counted."""
Links = dict[str, list[int]]


def in_some_time(ctx: Context) -> Any:
    """Default the end of a link."""
    return ctx.today + timedelta(days=setting("share.days"))


def prepare_share_link(ctx: Context, link: Any, changed: set[str], links: Links) -> None:
    """Hold a link to a year, its KPIs to those agreed with the customer, and a revoked one to its end."""
    errors: dict[str, str] = {}
    before = None if link._state.adding else ShareLink.objects.values_list("expires_on", "revoked").get(pk=link.pk)
    if before and before[1] and not link.revoked:
        raise Refused("A revoked link stays void. Make another one.")
    if (before is None or before[0] != link.expires_on) and link.expires_on > ctx.today + LONGEST:
        errors["expires_on"] = "A link opens for a year at most."
    inside = Kpi.objects.filter(pk__in=links.get("kpis", ()), agreed_with_customer=False).values_list("name", flat=True)
    if names := sorted(inside):
        errors["kpis"] = f"Not agreed with the customer: {', '.join(names)}. Mark the KPI as agreed first."
    if link.signatory_id and not link.show_plan:
        errors["signatory"] = "A plan is signed where it is read: show the account plan as well."
    if errors:
        raise Invalid.fields(errors)


def after_share_link(ctx: Context, link: Any, changed: set[str], _created: bool) -> None:
    """Take the address from a link that is revoked."""
    if link.revoked and _void_address(ctx, link):
        ShareSecret.objects.filter(link=link).delete()
        visits.note(link, What.REVOKED, ctx.now, detail=f"by {ctx.actor.name}")


def add_facts(ctx: Context, items: list[dict[str, Any]]) -> None:
    """Add the state of each link to its JSON, and whether a password is set, in one query."""
    kept = dict(ShareSecret.objects.filter(link__in=[item["id"] for item in items]).values_list("link_id", "password"))
    for item in items:
        secret = kept.get(int(item["id"]))
        item["has_password"] = bool(secret)
        item["state"] = state_of(item["revoked"], item["expires_on"], secret is not None, ctx)


def state_of(revoked: bool, expires_on: Any, has_address: bool, ctx: Context) -> str:
    """Return `open`, `expired`, `revoked` or `no_address`: what its address does today."""
    if revoked:
        return "revoked"
    if expires_on < ctx.today:
        return "expired"
    return "open" if has_address else "no_address"


FACTS_SCHEMA = {
    "has_password": {"type": "boolean", "readOnly": True, "example": False},
    "state": {
        "type": "string",
        "enum": ["open", "expired", "revoked", "no_address"],
        "readOnly": True,
        "example": "open",
    },
}


def new_address(ctx: Context, pk: Any) -> str:
    """Give a link an address and return its path, this once; an earlier address is void, the password stays.

    Raises `Refused` for a link that is revoked or over.
    """
    link = _mine(ctx, pk)
    if link.revoked:
        raise Refused("A revoked link stays void. Make another one.")
    if link.expires_on < ctx.today:
        raise Refused("The link is over. Set a later end first.")
    _void_address(ctx, link)
    token = secrets.token_urlsafe(24)
    ShareSecret.objects.update_or_create(link=link, defaults={"digest": digest(token), "made_at": ctx.now})
    visits.note(link, What.ADDRESS, ctx.now, detail=f"by {ctx.actor.name}")
    return f"/shared/{token}"


def _void_address(ctx: Context, link: ShareLink) -> bool:
    """Keep the present address as one that opens nothing any more; tell whether there was one."""
    kept = ShareSecret.objects.filter(link=link).first()
    if kept is not None:
        FormerAddress.objects.create(link=link, digest=kept.digest, void_since=ctx.now)
    return kept is not None


def set_password(ctx: Context, pk: Any, password: str) -> None:
    """Ask for a password before the page opens, or with an empty one for none. Raises `Invalid` for a short one."""
    link = _mine(ctx, pk)
    if password and len(password) < SHORTEST_PASSWORD:
        raise Invalid.fields({"password": f"At least {SHORTEST_PASSWORD} characters are expected."})
    hashed = make_password(password) if password else ""
    if not ShareSecret.objects.filter(link=link).update(password=hashed):
        raise Refused("The link has no address yet. Make one first.")
    visits.note(link, What.PASSWORD, ctx.now, detail=f"{'set' if password else 'taken away'} by {ctx.actor.name}")


def trail(ctx: Context, pk: Any) -> Any:
    """Return the visits of a link, the newest first."""
    return ShareVisit.objects.filter(link=get(ctx, registry.get("share_link"), pk))


def attempts(ctx: Context) -> Any:
    """Return all attempts that got nothing, the newest first: at addresses that no page has, and on pages of accounts that the
    administrator sees, also on those that were deleted. Raises `Forbidden` for anybody else.
    """
    ctx.require(ADMIN)
    seen = ShareLink.objects.filter(registry.get("share_link").scope(ctx.actor))
    mine = Q(link=None) | Q(link__in=seen.values("pk"))
    return ShareVisit.objects.filter(mine, what__in=ShareVisit.REFUSED).select_related("link__account")


def standing_of_attempts(ctx: Context) -> Mapping[str, int]:
    """Return of the last `LATELY` how many `attempts` got nothing, how many were at an `unknown` address, from how many `networks`."""
    found: Mapping[str, int] = (
        attempts(ctx)
        .filter(at__gt=ctx.now - LATELY)
        .order_by()
        .aggregate(
            attempts=Count("pk"),
            unknown=Count("pk", filter=Q(link=None)),
            networks=Count("network", filter=~Q(network=""), distinct=True),
        )
    )
    return found


def counts_of(ctx: Context, pk: Any) -> Mapping[str, int]:
    """Return how often a page was `opened`, how often a `file` was taken, what was `written` there, and what was `refused`."""
    kinds = {
        "opened": (What.OPENED,),
        "file": (What.FILE,),
        "written": (What.TICKED, What.UNTICKED, What.COMMENTED, What.SIGNED),
        "refused": tuple(ShareVisit.REFUSED),
    }
    found: Mapping[str, int] = trail(ctx, pk).aggregate(
        **{name: Count("pk", filter=Q(what__in=kind)) for name, kind in kinds.items()}
    )
    return found


def _mine(ctx: Context, pk: Any) -> ShareLink:
    ctx.require(WRITE)
    found: ShareLink = get(ctx, registry.get("share_link"), pk)
    return found
