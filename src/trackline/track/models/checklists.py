"""Answers to the checklists of an account (NEED-10, NEED-11, CMPT-09)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from trackline.kit.records.models import ALIVE, Record


class ChecklistAnswer(Record):
    """What somebody answers to one item of a checklist, with what speaks for it."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        NA = "na", "Does not apply"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="checklist_answers")
    checklist = models.CharField(max_length=32, help_text="The key of the checklist.")
    item = models.CharField(max_length=32, help_text="The key of the item.")
    title = models.CharField("item in words", max_length=250, editable=False)
    answer = models.CharField(max_length=3, choices=Answer.choices)
    evidence = models.TextField("what speaks for it", blank=True)
    on = models.DateField("date")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "checklist", "item"], condition=ALIVE, name="checklist_answer_once"
            )
        ]

    def __str__(self) -> str:
        return self.title
