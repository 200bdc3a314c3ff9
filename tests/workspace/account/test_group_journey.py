"""The journeys of a group side by side: the shortest way first, a shape where all is scored, nothing averaged."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from tests.factories import NOW, make, make_account, make_cast
from trackline.track.models import JourneyDimension

pytestmark = pytest.mark.django_db


def test_each_account_has_its_shape_and_its_people_their_account() -> None:
    cast = make_cast()
    child = make_account("Okada Nagoya", parent=cast.account, owner=cast.owner)
    make_account("Okada Lyon", parent=cast.account, owner=cast.owner)
    for account, score in ((cast.account, "4.0"), (child, "2.0")):
        for dimension in JourneyDimension.objects.filter(active=True):
            make("journey_score", account=account, dimension=dimension.pk, score=Decimal(score), on=NOW.date())
    boss = make("contact", account=cast.account, name="Eva")
    make("contact", account=cast.account, name="Jon", reports_to=boss.pk)
    make("contact", account=child, name="Mei")
    client = Client()
    client.force_login(cast.owner)
    page = client.get(f"/accounts/{cast.account.key}/track/health?group=1").content.decode()
    assert page.count("chart radar") == 2 and "Not scored: Okada Lyon." in page
    assert "Okada Nagoya has come the shortest way" in page
    people = client.get(f"/accounts/{cast.account.key}/track/contacts?group=1").content.decode()
    assert "Power map" in people and 'title="Okada Nagoya">Okada Nagoya' in people
