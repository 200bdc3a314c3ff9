"""What it means that two accounts, or two contacts, become one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trackline.accounts.models import Contact
from trackline.accounts.services.accounts import settle_paths
from trackline.accounts.services.persons import entries_of
from trackline.kit.policy import Context
from trackline.kit.problems import Refused


def allow_account_merge(_ctx: Context, kept: Any, gone: Any) -> None:
    """Refuse two accounts in different currencies: amounts that name none of their own would change their worth."""
    if kept.currency and gone.currency and kept.currency != gone.currency:
        raise Refused(
            f"{kept} is kept in {kept.currency}, {gone} in {gone.currency}. Amounts would change their worth. "
            "Bring both into one currency first.",
            [{"loc": ["currency"], "msg": f"{kept.currency} and {gone.currency}"}],
        )


def allow_contact_merge(_ctx: Context, kept: Any, gone: Any) -> None:
    """Refuse two contacts of different accounts: a person may stand in several, with a role in each."""
    if kept.account_id != gone.account_id:
        raise Refused(
            "They stand in different accounts. If they are one person, say so in the field Same person as.",
            [{"loc": ["account"], "msg": "another account"}],
        )


def twin_contacts(kept: Any, gone: Any) -> Iterable[tuple[str, int, int]]:
    """Yield entries of one person that would stand in the merged account twice."""
    pks = list(
        Contact.objects.filter(account=gone, deleted_at__isnull=True).order_by("pk").values_list("pk", flat=True)
    )
    own = set(Contact.objects.filter(account=kept, deleted_at__isnull=True).values_list("pk", flat=True))
    for pk, entries in sorted(entries_of(pks).items()):
        if there := sorted(entries & own):
            yield "contact", there[0], pk


def after_account_merge(_ctx: Context, account: Any) -> None:
    """Keep the path of the account and of all that stands below it."""
    settle_paths([account.pk])
