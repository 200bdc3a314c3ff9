"""Executives paired: when a pairing may start, and what records show of the sponsor's duties (SPON)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import NOW, Cast, as_user, make, make_account, make_cast, system
from trackline.kickoff import services
from trackline.kit.problems import Invalid
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.workspace.queries.account.head import head_of
from trackline.workspace.queries.account.sponsors import pairings

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def cast() -> Cast:
    """Everybody around one account."""
    return make_cast()


@pytest.fixture
def pair(cast: Cast) -> Any:
    """Peers with a purpose."""
    contact = make("contact", account=cast.account, name="Sabine Keller", seniority="c_level")
    return make("sponsorship", account=cast.account, sponsor=cast.admin, contact=contact, purpose="The renewal",
                authority_gap=0, domain_fit=4, culture_fit=3)  # fmt: skip


@pytest.mark.parametrize(("hours", "starts"), [(None, False), ("1.9", False), ("2", True), ("3.5", True)])
def test_a_pairing_starts_with_the_hours_asked_for(pair: Any, hours: str | None, starts: bool) -> None:
    data = {"active_from": TODAY, "hours_month": Decimal(hours) if hours else None}
    if starts:
        records.update(system(), registry.get("sponsorship"), pair.pk, data)
    else:
        with pytest.raises(Invalid, match="at least 2 hours"):
            records.update(system(), registry.get("sponsorship"), pair.pk, data)


def test_match_and_duties_come_from_records(pair: Any, cast: Cast, django_assert_max_num_queries: Any) -> None:
    records.update(
        system(), registry.get("sponsorship"), pair.pk,
        {"hours_month": 3, "active_from": TODAY, "charter_signed_on": TODAY},
    )  # fmt: skip
    head = head_of(as_user(cast.owner), cast.account.key)
    (found,) = pairings(head)
    assert found.active and found.match.value == Decimal("82.25") and found.match.band == "green"
    assert [duty.kept for duty in found.duties] == [True, False, False, None]
    meeting = make("meeting", account=cast.account, title="Sponsors", at=NOW - timedelta(days=92), attendees=[cast.admin.pk],
                   contacts=[pair.contact_id])  # fmt: skip
    records.update(system(), registry.get("meeting"), meeting.pk, {"status": "held"})
    services.take_part(system(), meeting.pk, "us", cast.admin.pk, "present", True)
    with django_assert_max_num_queries(5):
        (found,) = pairings(head)
    assert [duty.kept for duty in found.duties] == [True, True, True, None]
    records.update(system(), registry.get("meeting"), meeting.pk, {"at": NOW - timedelta(days=93)})
    (found,) = pairings(head)
    assert [duty.kept for duty in found.duties] == [True, False, False, None]


def test_a_contact_of_another_account_is_refused(cast: Cast) -> None:
    other = make("contact", account=make_account("Other"), name="Elsewhere")
    with pytest.raises(Invalid, match="another account"):
        make("sponsorship", account=cast.account, sponsor=cast.admin, contact=other, purpose="Growth")
