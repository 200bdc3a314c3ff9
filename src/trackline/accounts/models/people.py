"""Our own people: users, roles, API tokens."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from trackline.accounts.models.choices import Seniority
from trackline.kit.records.models import ALIVE, Record, RecordQuerySet


class UserManager(BaseUserManager.from_queryset(RecordQuerySet)):  # type: ignore[misc]
    """Finds users by sign-in name."""

    def get_by_natural_key(self, username: str | None) -> Any:
        """Match the sign-in name without regard to case."""
        return self.get(username__iexact=username, deleted_at__isnull=True)


class Role(models.Model):
    """A named set of permissions."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    permissions = models.JSONField(default=list)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser, Record):
    """One of our people. Without a password a user can own records but not sign in."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "Like the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    username = models.CharField("sign-in name", max_length=150)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    title = models.CharField(max_length=120, blank=True)
    seniority = models.CharField(max_length=16, choices=Seniority.choices, blank=True)
    manager = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports")
    region = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    active = models.BooleanField(default=True)
    roles = models.ManyToManyField(Role, blank=True, related_name="users")
    preferences = models.JSONField(default=dict, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), condition=ALIVE, name="user_username_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's is a plain attribute
        """What Django's sign-in asks."""
        return self.active and self.deleted_at is None


class Token(models.Model):
    """An API token: only its SHA-256 is kept. It never holds more than its user may."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name or self.hint
