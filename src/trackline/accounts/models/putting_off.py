"""What somebody decided to leave for later."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class PutOff(models.Model):
    """A next best action that was put off until a day. Rows stay as they are: they are their own history.

    `what` names the candidate, like `step:12`; `ended_at` is set when somebody brought it back before its day.
    """

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+")
    what = models.CharField(max_length=120)
    title = models.CharField(max_length=300)
    until = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "until"], name="put_off_of_account")]

    def __str__(self) -> str:
        return f"{self.title} until {self.until}"
