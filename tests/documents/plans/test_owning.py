"""Owners write the texts of a plan; others suggest a wording, which the owner takes over or declines."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.delivery.api.client import Api
from tests.factories import Cast, as_user, make, make_cast
from trackline.accounts.services import change_setting
from trackline.documents.models import PlanSection, PlanSuggestion
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db
SECTION, SUGGESTION = registry.get("plan_section"), registry.get("plan_suggestion")


def text_of_teammate(cast: Cast) -> Any:
    mate = as_user(cast.teammate)
    return make(
        "plan_section", ctx=mate, account=cast.account, section="market", text="Two rivals.", owner=cast.teammate
    )


def write(ctx: Context, section: Any, text: str) -> None:
    records.update(ctx, SECTION, section.pk, {"text": text})


def suggest(ctx: Context, section: Any, text: str = "Three rivals.") -> Any:
    return make("plan_suggestion", ctx=ctx, plan_section=section, text=text, why="One more since May")


def test_the_owner_the_accounts_owner_and_administrators_write() -> None:
    cast = make_cast("all")
    section = text_of_teammate(cast)
    for at, user in enumerate((cast.teammate, cast.owner, cast.admin)):
        write(as_user(user), section, f"Rivals, counted {at} times")
    for change in ({"text": "Mine"}, {"owner": cast.outsider.pk}):
        with pytest.raises(Forbidden) as refused:
            records.update(as_user(cast.outsider), SECTION, section.pk, change)
        assert "belongs to" in refused.value.detail and refused.value.to_json()["rule"] == "PERM-09"
    with pytest.raises(Forbidden):
        records.delete(as_user(cast.outsider), SECTION, section.pk)
    answer = Api(cast.outsider).patch(f"/plan-sections/{section.pk}", {"text": "Mine"})
    assert answer.status_code == 403


def test_a_text_that_nobody_owns_is_everyones_and_the_rule_can_be_put_off() -> None:
    cast = make_cast("all")
    section = text_of_teammate(cast)
    PlanSection.objects.update(owner=None)
    write(as_user(cast.outsider), section, "Written by whoever comes first")
    PlanSection.objects.update(owner=cast.teammate)
    change_setting(as_user(cast.admin), "perm.section_owners", False)
    write(as_user(cast.outsider), section, "Written without asking")


def test_a_suggestion_is_taken_over_by_the_owner_alone_and_once() -> None:
    cast = make_cast("all")
    section = text_of_teammate(cast)
    found = suggest(as_user(cast.outsider), section)
    assert (found.title, found.state) == ("Wording for Competitive and market watch", "open")
    with pytest.raises(Forbidden):
        records.update(as_user(cast.outsider), SUGGESTION, found.pk, {"state": "taken"})
    records.update(as_user(cast.teammate), SUGGESTION, found.pk, {"state": "taken"})
    section.refresh_from_db()
    found.refresh_from_db()
    assert (section.text, found.settled_on) == ("Three rivals.", as_user(cast.teammate).today)
    with pytest.raises(Refused):
        records.update(as_user(cast.teammate), SUGGESTION, found.pk, {"state": "declined"})

    other = suggest(as_user(cast.outsider), section, "Four rivals.")
    records.update(as_user(cast.owner), SUGGESTION, other.pk, {"state": "declined", "answer": "Three is what we know"})
    section.refresh_from_db()
    assert section.text == "Three rivals."


def test_a_suggestion_is_kept_to_the_readers_of_its_plan() -> None:
    cast = make_cast("all")
    section = text_of_teammate(cast)
    found = suggest(as_user(cast.outsider), section)
    make("account_plan", ctx=as_user(cast.owner), account=cast.account, title="Closed", confidentiality="plan_team",
         members=[cast.teammate.pk])  # fmt: skip
    assert Api(cast.outsider).get(f"/plan-suggestions/{found.pk}").status_code == 404
    assert Api(cast.teammate).get(f"/plan-suggestions/{found.pk}").status_code == 200
    with pytest.raises(Invalid):
        suggest(as_user(cast.outsider), section, "Five rivals.")
    assert PlanSuggestion.objects.count() == 1


def test_the_page_offers_what_one_may_do() -> None:
    cast = make_cast("all")
    section = text_of_teammate(cast)
    suggest(as_user(cast.outsider), section)
    for user, offered in ((cast.outsider, "Suggest a wording"), (cast.teammate, "Edit text")):
        web = Client()
        web.force_login(user)
        text = web.get(f"/accounts/{cast.account.key}/plan").content.decode()
        assert offered in text and "Wording suggested by" in text, user
    form = Client()
    form.force_login(cast.outsider)
    assert form.get(f"/r/plan_suggestion/new?plan_section={section.pk}").status_code == 200
