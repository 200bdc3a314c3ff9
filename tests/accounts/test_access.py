"""Who may do what and sees which accounts (PERM-01…06)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import NOW, as_user, make, make_account, make_cast, make_user, system
from trackline.accounts.access import actor_of, actor_of_token
from trackline.accounts.services import change_setting, create_token, deactivate_user, revoke_token, set_roles
from trackline.kit.policy import ADMIN, READ, WRITE
from trackline.kit.problems import Forbidden, Invalid, Refused, Unauthorized
from trackline.kit.records.queries import scoped
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

ACCOUNT = registry.get("account")


def seen_by(user: object) -> set[str]:
    return set(scoped(as_user(user), ACCOUNT).values_list("name", flat=True))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("role", "held"), [("manager", {READ, WRITE}), ("facilitator", {READ}), ("admin", {READ, WRITE, ADMIN})]
)
def test_default_roles_hold_the_permissions_of_the_framework(role: str, held: set[str]) -> None:
    assert actor_of(make_user("someone", role=role)).permissions == held


def test_scope_all_shows_every_account_to_everybody() -> None:
    cast = make_cast(scope="all")
    assert seen_by(cast.outsider) == {cast.account.name}


@pytest.mark.parametrize("way", ["owner", "exec_sponsor", "team", "participant"])
def test_scope_team_shows_accounts_a_user_belongs_to(way: str) -> None:
    user = make_user("paula")
    other = make_user("other")
    account = make_account("Mine", owner=user if way == "owner" else other)
    if way == "exec_sponsor":
        account = make_account("Sponsored", owner=other, exec_sponsor=user)
    elif way == "team":
        make("team_member", account=account, user=user)
    elif way == "participant":
        make("cadence", account=account, name="W", type="qbr", frequency="monthly", participants=[user.pk])
    make_account("Foreign", owner=other)
    change_setting(system(), "perm.account_scope", "team")
    assert seen_by(user) == {account.name}


def test_teams_of_a_parent_see_what_stands_below_unless_switched_off() -> None:
    user = make_user("paula")
    parent = make_account("Parent", owner=user)
    child = make_account("Child", parent=parent)
    make_account("Grandchild", parent=child)
    make_account("Parental")  # no relation: shares only the beginning of the name
    change_setting(system(), "perm.account_scope", "team")
    assert seen_by(user) == {"Parent", "Child", "Grandchild"}
    change_setting(system(), "perm.parent_teams_see_children", False)
    assert seen_by(user) == {"Parent"}


def test_moving_a_subtree_moves_who_sees_it() -> None:
    from trackline.kit.records import services

    paula, olga = make_user("paula"), make_user("olga")
    left, right = make_account("Left", owner=paula), make_account("Right", owner=olga)
    child = make_account("Child", parent=left)
    make_account("Grandchild", parent=child)
    services.update(system(), ACCOUNT, child.pk, {"parent": right.pk})
    change_setting(system(), "perm.account_scope", "team")
    assert seen_by(paula) == {"Left"}
    assert seen_by(olga) == {"Right", "Child", "Grandchild"}


def test_a_circle_of_parents_is_refused() -> None:
    from trackline.kit.records import services

    top = make_account("Top")
    below = make_account("Below", parent=make_account("Middle", parent=top))
    with pytest.raises(Invalid, match="circle"):
        services.update(system(), ACCOUNT, top.pk, {"parent": below.pk})


def test_a_token_never_holds_more_than_its_user() -> None:
    user = make_user("frieda", role="facilitator")
    _, bearer = create_token(system(), user, [READ, WRITE])
    assert actor_of_token(bearer, NOW).permissions == {READ}
    with pytest.raises(Forbidden):
        create_token(as_user(user), user, [WRITE])


def test_expired_revoked_and_unknown_tokens_are_not_known() -> None:
    user = make_user("katrin")
    token, bearer = create_token(as_user(user), user, [READ], days=1)
    assert actor_of_token(bearer, NOW).user_id == user.pk
    for moment, text in ((NOW + timedelta(days=2), bearer), (NOW, "tl_nonsense")):
        with pytest.raises(Unauthorized):
            actor_of_token(text, moment)
    revoke_token(as_user(user), token.pk)
    with pytest.raises(Unauthorized):
        actor_of_token(bearer, NOW)


def test_deactivating_ends_tokens_and_the_last_administrator_stays() -> None:
    admin, user = make_user("ada", role="admin"), make_user("katrin")
    _, bearer = create_token(as_user(user), user, [READ])
    deactivate_user(as_user(admin), user)
    with pytest.raises(Unauthorized):
        actor_of_token(bearer, NOW)
    with pytest.raises(Refused, match="last administrator"):
        deactivate_user(as_user(admin), admin)
    with pytest.raises(Refused, match="last administrator"):
        set_roles(as_user(admin), admin, ["manager"])


def test_a_user_gets_a_sign_in_name_from_address_or_name() -> None:
    assert make("user", name="Mei Lindgren", email="mei.l@ferrova.example").username == "meil"
    assert [make("user", name="Henrik Aas").username for _ in range(2)] == ["henrik-aas", "henrik-aas-2"]
