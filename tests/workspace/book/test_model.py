"""The scoring model on screen: read by everybody, changed by administrators with the effect first, each change a version."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.delivery.api.client import Api, problem
from tests.factories import Cast, as_user, make_account, make_cast, make_model, system
from trackline.accounts.models import Account
from trackline.accounts.services import change_setting
from trackline.book.editing import draft_model, effect_of_model, save_model
from trackline.book.models import ScoringModel, ScoringRun
from trackline.book.scoring.keeping import refresh_ranking
from trackline.book.versions import model_in_force
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Invalid, Stale

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def criteria(arr: Any, fte: Any) -> list[dict[str, Any]]:
    """Two criteria: the more ARR and the fewer people the better."""
    return [
        {
            "key": "arr",
            "label": "Revenue",
            "weight": arr,
            "direction": "up",
            "feeds": [{"kind": "field", "name": "arr"}],
        },
        {
            "key": "fte",
            "label": "People",
            "weight": fte,
            "direction": "down",
            "feeds": [{"kind": "field", "name": "client_fte"}],
            "why": "Few people decide quickly.",
        },
    ]


@pytest.fixture
def cast() -> Cast:
    """Three accounts are scored: the richest has the most people."""
    found = make_cast()
    ScoringModel.objects.all().delete()
    Account.objects.filter(pk=found.account.pk).update(status=Account.Status.PROSPECT)
    make_model(name="Two criteria", from_on=None, criteria=criteria(60, 40))
    for name, arr, fte in (("Anker", 900, 300), ("Birke", 500, 100), ("Ceder", 100, 200)):
        make_account(name, arr=arr, client_fte=fte, owner=found.owner)
    refresh_ranking(system(timezone.now()), timezone.localdate())
    return found


@pytest.fixture
def ctx(cast: Cast) -> Context:
    """The administrator, now."""
    return as_user(cast.admin, timezone.now())


def form(arr: str, fte: str, **more: str) -> dict[str, str]:
    """The form of both criteria as a browser sends it."""
    sent = {"name": "Two criteria", "normaliser": "minmax", "cutoffs": ""}
    rows = (("arr", "Revenue", arr, "up", "field:arr"), ("fte", "People", fte, "down", "field:client_fte"))
    for at, (key, label, weight, direction, figure) in enumerate(rows):
        sent |= {
            f"c.{at}.key": key,
            f"c.{at}.label": label,
            f"c.{at}.weight": weight,
            f"c.{at}.direction": direction,
            f"c.{at}.f.0.figure": figure,
        }
    return sent | more


def browser(user: Any) -> Client:
    """A signed-in browser."""
    client = Client()
    client.force_login(user)
    return client


def test_effect_ranks_by_both_models_and_stores_nothing(ctx: Context) -> None:
    effect = effect_of_model(ctx, draft_model(ctx, {"criteria": criteria(20, 80)}))
    found = {one.name: one for one in effect.shifts}
    # Birke has half the ARR and the fewest people: 0.5 × 60 + 40 becomes 0.5 × 20 + 80; Anker only its weight of ARR.
    assert [
        (one.before.rank, one.after.rank) for one in (found["Anker"], found["Birke"]) if one.before and one.after
    ] == [
        (2, 3),
        (1, 1),
    ]
    assert found["Birke"].delta == 20
    assert found["Anker"].ranks_gained == -1
    assert ScoringModel.objects.count() == 1


def test_preview_over_the_api_says_the_same_and_stores_nothing(cast: Cast) -> None:
    path = "/scoring-models/preview"
    told = Api(cast.admin).post(path, {"criteria": criteria(20, 80)}).json()
    assert (told["accounts"], told["changed"]) == (3, 3)
    found = {row["name"]: row for row in told["effects"]}
    assert (found["Birke"]["delta"], found["Birke"]["before"]["rank"]) == (20, 1)
    assert (found["Anker"]["ranks_gained"], found["Anker"]["after"]["rank"]) == (-1, 3)
    assert [row["key"] for row in told["criteria"]] == ["arr", "fte"]
    assert ScoringModel.objects.count() == 1
    refused = problem(Api(cast.admin).post(path, {"criteria": criteria(60, 50), "colour": "red"}), 422)
    assert refused["errors"][0]["loc"] == ["colour"]
    assert problem(Api(cast.admin).post(path, {"criteria": criteria(60, 50)}), 422)["errors"]
    problem(Api(cast.owner).post(path, {}), 403)


def test_same_model_changes_nothing(ctx: Context) -> None:
    assert not effect_of_model(ctx, draft_model(ctx, {})).shifts


@pytest.mark.parametrize(("second", "fits"), [("40", True), ("40.001", True), ("40.0011", False), ("39.9", False)])
def test_weights_sum_to_100(ctx: Context, second: str, fits: bool) -> None:
    asked = {"criteria": criteria(60, Decimal(second))}
    if fits:
        assert len(draft_model(ctx, asked).criteria) == 2
    else:
        with pytest.raises(Invalid, match="sum to 100"):
            draft_model(ctx, asked)


@pytest.mark.parametrize(
    ("asked", "loc"),
    [
        (
            {"criteria": [criteria(100, 0)[0] | {"feeds": [{"kind": "metric", "name": "luck"}]}]},
            "criteria.0.feeds.0.name",
        ),
        (
            {"criteria": [criteria(100, 0)[0] | {"feeds": [{"kind": "score", "name": "a.b"}]}]},
            "criteria.0.feeds.0.name",
        ),
        ({"criteria": []}, "criteria"),
        ({"normaliser": "best"}, "normaliser"),
        ({"cutoffs": 3}, "cutoffs"),
        ({"name": " "}, "name"),
        ({"from_on": "2020-01-01"}, "from_on"),
        ({"from_on": "soon"}, "from_on"),
        ({"weights": 1}, "weights"),
    ],
)
def test_what_does_not_fit_is_named(ctx: Context, asked: dict[str, Any], loc: str) -> None:
    with pytest.raises(Invalid) as refused:
        draft_model(ctx, asked)
    assert ".".join(str(part) for part in refused.value.errors[0]["loc"]) == loc


def test_saving_makes_a_version_and_ranks_by_it(ctx: Context) -> None:
    before = model_in_force(ctx.today)
    assert before is not None
    made = save_model(ctx, {"criteria": criteria(20, 80)}, reason="People decide", after=before.pk)
    assert made.note == "People decide"
    assert model_in_force(ctx.today) == ScoringRun.objects.get(on=ctx.today).model == before, "it is not signed"
    change_setting(system(ctx.now), "scoring.signers", 0)
    signed = save_model(ctx, {"criteria": criteria(20, 80)}, reason="People decide", after=made.pk)
    assert model_in_force(ctx.today) == ScoringRun.objects.get(on=ctx.today).model == signed
    with pytest.raises(Stale):
        save_model(ctx, {"criteria": criteria(30, 70)}, reason="Late", after=before.pk)
    with pytest.raises(Invalid, match="Say why"):
        save_model(ctx, {"criteria": criteria(30, 70)}, reason=" ")


def test_only_administrators(cast: Cast) -> None:
    ctx = as_user(cast.owner, timezone.now())
    with pytest.raises(Forbidden):
        effect_of_model(ctx, draft_model(ctx, {}))
    with pytest.raises(Forbidden):
        save_model(ctx, {}, reason="No")


def test_form_shows_the_effect_and_saves(cast: Cast) -> None:
    client = browser(cast.admin)
    page = client.get("/book/model/change").content.decode()
    assert 'value="field:client_fte"' in page and "Client headcount" in page
    told = client.post("/book/model/change/effect", form("20", "80"), headers=HTMX).content.decode()
    assert "Birke" in told and "Nothing is saved yet" in told
    off = client.post("/book/model/change/effect", form("20", "70"), headers=HTMX).content.decode()
    assert "sum to 100; these sum to 90" in off
    wrong = client.post("/book/model/change/effect", form("twenty", "80"), headers=HTMX).content.decode()
    assert "Revenue, weight" in wrong
    same = client.post("/book/model/change/effect", form("60", "40"), headers=HTMX).content.decode()
    assert "Change a weight or a figure" in same
    more = client.post("/book/model/change/form", form("60", "40", more="1"), headers=HTMX).content.decode()
    assert 'name="c.2.label"' in more
    less = client.post("/book/model/change/form", form("60", "40", less="0"), headers=HTMX).content.decode()
    assert "Revenue" not in less and "People" in less
    assert client.post("/book/model/change", form("20", "80"), headers=HTMX).status_code == 422
    named = {"finance": str(cast.owner.pk), "strategy": str(cast.teammate.pk)}
    twice = form("60", "40", normaliser="zcdf", reason="Outliers", **named, customer_facing=str(cast.owner.pk))
    refused = client.post("/book/model/change", twice, headers=HTMX)
    assert refused.status_code == 422 and "this one is named twice" in refused.content.decode()
    saved = client.post(
        "/book/model/change", form("60", "40", normaliser="zcdf", reason="Outliers", **named), headers=HTMX
    )
    assert saved.status_code == 204
    assert "it waits for signatures: finance, strategy, the customer-facing side" in saved.headers["HX-Trigger"]
    made = ScoringModel.objects.latest("pk")
    assert made.normaliser == "zcdf" and (made.finance, made.strategy) == (cast.owner, cast.teammate)
    assert made.criteria[1]["why"] == "Few people decide quickly.", "what is said of a criterion stays with it"
    read = browser(cast.facilitator).get("/book/model").content.decode()
    assert "Outliers" in read and "By normal distribution" in read and "/book/model/change" not in read


def test_figures_are_offered_by_words(cast: Cast) -> None:
    found = browser(cast.admin).get("/book/model/figures?q=pipeline open").content.decode()
    assert 'data-value="routes:open_value"' in found
    assert 'data-value="field:arr"' not in found
