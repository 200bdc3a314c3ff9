"""Who is signed in, kept in the database: Django's sessions, read by a statement, because every page begins with one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from trackline.accounts.models import User
from trackline.kit.statements import NUMBER, TEXT, Instances, Statement

_kept = Statement(
    lambda key: Session.objects.filter(session_key=key).values_list("session_data", "expire_date"),
    TEXT,
)
_users = Instances(User, lambda pk: User.objects.filter(pk=pk), NUMBER)


class SessionStore(db.SessionStore):
    """Django's store of sessions in the database."""

    def load(self) -> dict[str, Any]:
        """Return what a session holds; nothing for one that is not known or has expired."""
        rows = _kept.rows(self.session_key)
        if rows and rows[0][1] > timezone.now():
            found: dict[str, Any] = self.decode(rows[0][0])
            return found
        self._session_key = None
        return {}


class Passwords(ModelBackend):
    """Django's sign-in by password."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the user of a session, or None where they may no longer sign in."""
        found: list[User] = _users.rows(int(user_id))
        return found[0] if found and self.user_can_authenticate(found[0]) else None
