"""What people write into an account plan."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from trackline.documents.plans.catalogue import titles
from trackline.kit.records.models import ALIVE, Record


class PlanSection(Record):
    """The text of one section of an account's plan, in Markdown. Source: PLAN-03, PLAN-08."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="plan_sections")
    section = models.CharField(max_length=40, choices=titles)
    text = models.TextField(help_text="Markdown. The customer's copy takes the texts of the sections it holds along.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "section"], name="plan_section_once", condition=ALIVE)
        ]

    def __str__(self) -> str:
        return str(dict(titles()).get(self.section, self.section))
