"""Who calls at a shared page, on whose account what they do is written, and who is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from trackline.accounts.settings import book_zone
from trackline.documents.models import ShareLink, ShareVisit
from trackline.documents.sharing import visits
from trackline.kit.policy import Context, system_context
from trackline.kit.problems import Forbidden, NotFound
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.watch.models import Alert
from trackline.watch.services import SETTLED


@dataclass(frozen=True)
class Caller:
    """Who opens a link: when, from which address, and what shows that they gave the password (`unlock`).

    `of_us` names somebody of this house, who looks at the page as the customer does.
    """

    now: datetime
    address: str
    key: str = ""
    of_us: str = ""

    @property
    def by_us(self) -> str:
        """What the trail says of somebody of this house, empty for the customer."""
        return f"by {self.of_us}, of us" if self.of_us else ""


def refuse(link: ShareLink, caller: Caller, asked: str) -> NotFound:
    """Write down that something was asked for that this link does not hold; return what to raise."""
    visits.note(link, ShareVisit.What.BEYOND, caller.now, caller.address, asked)
    return NotFound("There is nothing here. Go back to the page.")


def require_customer(caller: Caller) -> None:
    """Raise `Forbidden` for somebody of this house: what is written on the page is the customer's word."""
    if caller.of_us:
        raise Forbidden(
            f"You are signed in as {caller.of_us}; here the customer writes. To try it as they do, open the address in a "
            "private window."
        )


def context_of(link: ShareLink, caller: Caller) -> Context:
    """Return the context in which what a caller does is written; the ledger names the page."""
    found = system_context(caller.now, "web")
    return Context(found.actor, found.now, found.via, note=f"On the customer's page “{link.title}”", zone=book_zone)


def tell(ctx: Context, link: ShareLink, title: str, key: str) -> None:
    """Raise an alert for the account's owner; nobody is asked to diagnose what the customer said."""
    data = {
        "account": link.account_id,
        "title": title[:250],
        "rule": "customer_page",
        "severity": "info",
        "owner": link.account.owner_id,
        "dedupe_key": f"share-{link.pk}-{key}",
    }
    told = Alert.objects.filter(account_id=link.account_id, rule=data["rule"], dedupe_key=data["dedupe_key"])
    if not told.filter(deleted_at=None).exclude(state__in=SETTLED).exists():
        records.create(ctx, registry.get("alert"), data)


def day_of(now: datetime) -> date:
    """Return the day of an instant where the book is at home."""
    return timezone.localtime(now, book_zone()).date()
