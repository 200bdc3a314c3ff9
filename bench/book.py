"""Make the book that the benchmarks run on: many accounts, contacts and routes, written in bulk."""

from __future__ import annotations

import os
import random
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackline.kit.policy import Context

ACCOUNTS, CONTACTS, ROUTES = 10_000, 30_000, 20_000
WORDS = [
    "North",
    "South",
    "River",
    "Bright",
    "Iron",
    "Silver",
    "Ocean",
    "Green",
    "Alpine",
    "Cobalt",
    "Summit",
    "Harbour",
    "Falcon",
    "Cedar",
    "Granite",
]
KINDS = [
    "Logistics",
    "Foods",
    "Mobility",
    "Energy",
    "Pharma",
    "Textiles",
    "Metals",
    "Rail",
    "Optics",
    "Dairies",
    "Water",
    "Machinery",
]
INDUSTRIES = ("Automotive", "Energy", "Logistics", "Pharmaceuticals", "Retail", "Software", "Utilities")


def start(home: Path) -> None:
    """Point Django at a home folder and make the database there."""
    os.environ["TRACKLINE_HOME"] = str(home)
    os.environ.setdefault("TRACKLINE_LOG_LEVEL", "WARNING")
    os.environ["DJANGO_SETTINGS_MODULE"] = "trackline.delivery.settings"
    import django

    django.setup()


def sample(home: Path) -> Context:
    """Make the sample book in a home folder; return who may see all of it."""
    start(home)
    from django.core.management import call_command
    from django.utils import timezone

    from trackline.delivery.cli.demo import load_sample
    from trackline.kit.policy import system_context

    call_command("migrate", verbosity=0)
    ctx = system_context(timezone.now(), via="cli")
    load_sample(ctx)
    return ctx


def make(home: Path) -> str:
    """Make the book once; return a token that may read and write."""
    start(home)
    from django.core.management import call_command
    from django.utils import timezone

    from trackline.accounts.models import Account, Contact, User
    from trackline.accounts.services import create_token, create_user
    from trackline.align.models import Route
    from trackline.kit.policy import system_context
    from trackline.kit.records.text import normalise

    call_command("migrate", verbosity=0)
    now = timezone.now()
    ctx = system_context(now, via="cli")
    if not User.objects.exists():
        rng = random.Random(7)
        create_user(ctx, "bench", role="admin", password="only for benchmarks")
        owners = [create_user(ctx, f"owner{number}", role="manager").pk for number in range(20)]
        stamp = {"created_at": now, "updated_at": now}
        accounts = []
        for number in range(1, ACCOUNTS + 1):
            name = f"{rng.choice(WORDS)} {rng.choice(KINDS)} {number}"
            accounts.append(
                Account(
                    pk=number, key=f"account-{number}", name=name, path=f"/{number}/", currency="EUR",
                    arr=Decimal(rng.randrange(10_000, 5_000_000)), tier=rng.choice([1, 2, 3, 3, None]),
                    industry=rng.choice(INDUSTRIES), region=rng.choice(["EMEA", "Americas", "APAC"]),
                    owner_id=rng.choice(owners), renewal_date=date(2027, 1, 1) + timedelta(rng.randrange(700)),
                    completeness={
                        "track": 50.0, "reveal": 25.0, "align": 66.7, "choose": 0.0, "kickoff": 0.0, "total": 28.3
                    },
                    completeness_on=now.date(), search_text=normalise(f"{name} account-{number}"), **stamp,
                )
            )  # fmt: skip
        Account.objects.bulk_create(accounts, batch_size=500)
        contacts = []
        for number in range(CONTACTS):
            name = f"{rng.choice(WORDS)} Person {number}"
            contacts.append(
                Contact(
                    account_id=number % ACCOUNTS + 1, name=name, email=f"p{number}@example.com", title="Director",
                    influence=rng.randrange(1, 6), owner_id=rng.choice(owners), search_text=normalise(name), **stamp,
                )
            )  # fmt: skip
        Contact.objects.bulk_create(contacts, batch_size=500)
        routes = []
        for number in range(ROUTES):
            routes.append(
                Route(
                    account_id=number % ACCOUNTS + 1, title=f"Route {number}", type="upsell", currency="EUR",
                    state=rng.choice(["identified", "qualifying", "pursuing", "won", "lost"]),
                    value=Decimal(rng.randrange(1_000, 900_000)), probability=Decimal(rng.randrange(0, 101)),
                    expected_close_on=date(2027, 1, 1), owner_id=rng.choice(owners),
                    search_text=f"route {number}", **stamp,
                )
            )  # fmt: skip
        Route.objects.bulk_create(routes, batch_size=500)
    _, bearer = create_token(ctx, User.objects.get(username="bench"), ["track:read", "track:write"])
    return bearer


if __name__ == "__main__":
    print(make(Path(sys.argv[1])))
