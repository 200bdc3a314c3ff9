"""Failed attempts to sign in, kept as long as they count."""

from __future__ import annotations

from django.db import models


class FailedSignIn(models.Model):
    """One wrong name or password. `who` is a hash of the name as typed: a password typed there by mistake is not kept."""

    who = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "at"], name="failed_sign_in_address")]

    def __str__(self) -> str:
        return f"{self.address} {self.at}"
