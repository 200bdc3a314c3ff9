"""Signals of surveys: low answers, and follow-ups that are late (SIG-40, SUR-13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import NOW, make, make_account, make_user, system
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.track.models import SurveyCase
from trackline.watch.engine import Watched, watch_accounts
from trackline.watch.evidence import surveys
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db
CASE = registry.get("survey_case")


def alerts(rule: str) -> list[Alert]:
    return list(Alert.objects.filter(rule=rule).order_by("pk"))


def test_a_low_answer_raises_one_alert_that_ends_when_it_is_mended() -> None:
    owner = make_user("katrin")
    account = make_account(owner=owner)
    wave = make("wave", account=account, title="Spring", sent_on=NOW.date(), status="closed")
    people = [make("contact", account=account, name=name) for name in ("Eva", "Jon")]
    make("response", wave=wave, contact=people[0], recommend=8, ease=3, on=NOW.date())
    (alert,) = alerts(surveys.LOW)
    assert (alert.severity, alert.owner, alert.title) == ("high", owner, "Low survey answer: Eva: effort 3")
    make("response", wave=wave, contact=people[1], recommend=2, on=NOW.date())
    (alert,) = alerts(surveys.LOW)
    assert (alert.count, alert.holds) == (2, True)
    SurveyCase.objects.update(status="resolved", verified_at=NOW)
    watch_accounts(system(), [account.pk])
    assert not alerts(surveys.LOW)[0].holds


@pytest.mark.parametrize(("hours", "told"), [(71, (0, 0)), (73, (1, 0)), (96, (1, 0)), (97, (1, 1))])
def test_a_late_step_is_told_to_its_owner_and_a_day_on_to_the_manager(
    monkeypatch: pytest.MonkeyPatch, hours: int, told: tuple[int, int]
) -> None:
    boss = make_user("hanna")
    helper = make_user("tom")
    helper.manager = boss
    helper.save()
    account = make_account(owner=make_user("katrin"))
    monkeypatch.setattr(Watched, "until", property(lambda _: NOW))
    case = make("survey_case", account=account, title="Eva: effort 3", owner=helper, answered_at=NOW)
    later = NOW + timedelta(hours=hours)
    monkeypatch.setattr(Watched, "until", property(lambda _: later))
    watch_accounts(system(later), [account.pk])
    late, stuck = alerts(surveys.LATE), alerts(surveys.STUCK)
    assert (len(late), len(stuck)) == told
    assert [one.owner for one in late] == [helper][: told[0]]
    assert [one.owner for one in stuck] == [boss][: told[1]]
    records.update(system(later), CASE, case.pk, {"status": "contacted"})
    assert not any(one.holds for one in alerts(surveys.LATE))
