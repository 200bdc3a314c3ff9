"""The fixed cast of the tests and builders with keyword defaults. Everything is written through the record services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from trackline.accounts.access import actor_of
from trackline.accounts.models import Account, Role, User
from trackline.accounts.services import change_setting, create_user
from trackline.book.models import ScoringModel
from trackline.kit.policy import Context, system_context
from trackline.kit.records import services
from trackline.kit.records.types import registry

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


def system(now: datetime = NOW) -> Context:
    """Return the context of the program itself."""
    return system_context(now)


def as_user(user: User, now: datetime = NOW, via: str = "web") -> Context:
    """Return the context of a user."""
    return Context(actor_of(user), now, via)


def make_user(username: str, role: str = "manager", **more: Any) -> User:
    """Make a user who can sign in with `PASSWORD`."""
    found: User = create_user(system(), username, role=role, name=more.pop("name", username.title()), **more)
    found.set_password(PASSWORD)
    found.save(update_fields=["password"])
    return found


def make(record_type: str, *, ctx: Context | None = None, **data: Any) -> Any:
    """Make a record; instances among the values stand for their ids."""
    plain = {name: value.pk if hasattr(value, "pk") else value for name, value in data.items()}
    return services.create(ctx or system(), registry.get(record_type), plain)


def make_model(**data: Any) -> ScoringModel:
    """Make a version of the scoring model that counts from its first day, as one that everybody signed then."""
    made: ScoringModel = make("scoring_model", **data)
    made.signed_on = made.from_on or NOW.date()
    made.save(update_fields=["signed_on"])
    return made


def make_account(name: str = "Okada Brandt Mobility", **more: Any) -> Account:
    """Make an account."""
    found: Account = make("account", name=name, **more)
    return found


@dataclass
class Cast:
    """Who plays in every rights test: Katrin owns, Tim is in the team, Olga is outside, Frieda reads, Ada administers."""

    owner: User
    teammate: User
    outsider: User
    facilitator: User
    admin: User
    account: Account

    def everyone(self) -> dict[str, User]:
        """Return the people by their part."""
        return {
            "owner": self.owner,
            "teammate": self.teammate,
            "outsider": self.outsider,
            "facilitator": self.facilitator,
            "admin": self.admin,
        }


def make_cast(scope: str = "team") -> Cast:
    """Make the cast around one account; with scope `team` the outsider does not see it, the facilitator takes part."""
    assert Role.objects.exists(), "roles come with migrate"
    people = {
        "owner": make_user("katrin"),
        "teammate": make_user("tim"),
        "outsider": make_user("olga"),
        "facilitator": make_user("frieda", role="facilitator"),
        "admin": make_user("ada", role="admin"),
    }
    User.objects.filter(pk=people["owner"].pk).update(seniority="vp")
    people["owner"].seniority = "vp"
    account = make_account(owner=people["owner"], tier=1, arr=2_840_000, currency="EUR")
    make("team_member", account=account, user=people["teammate"], job_role="Account manager")
    make("team_member", account=account, user=people["facilitator"], job_role="Analyst")
    if scope != "all":
        change_setting(system(), "perm.account_scope", scope)
    return Cast(account=account, **people)
