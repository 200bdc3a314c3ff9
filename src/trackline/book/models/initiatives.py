"""Growth initiatives: larger bodies of work that should make an account grow, compared before people and money go in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from trackline.accounts.models import Account
from trackline.kit.records.model_fields import CurrencyField, MoneyField, PercentField
from trackline.kit.records.models import Record

USER = settings.AUTH_USER_MODEL


def _score(says: str) -> Any:
    """A dimension's score, 0 to 100, 100 the best."""
    return PercentField(null=True, blank=True, help_text=f"0 to 100: {says}")


def _source() -> Any:
    """What a score rests on."""
    return models.CharField(
        max_length=300, blank=True, help_text="The reference case, pilot or benchmark that the score rests on."
    )


class Initiative(Record):
    """A growth initiative with its six scores, each with what it rests on, its money, its time and its people (GRW-01).

    `months` and `hours_a_month` run from `start_on`. `gate` is the last one passed (GRW-06).
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        ACTIVE = "active", "Under way"
        WATCH = "watch", "On watch"
        BACKLOG = "backlog", "In the backlog"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"

    class Gate(models.IntegerChoices):
        CHARTER = 0, "0 Charter"
        FEASIBILITY = 1, "1 Feasibility, pilot money"
        CASE = 2, "2 Business case"
        BOARD = 3, "3 Investment board"
        LAUNCH = 4, "4 Launch"

    account = models.ForeignKey(Account, models.CASCADE, related_name="initiatives")
    title = models.CharField(max_length=250)
    thesis = models.TextField(blank=True, help_text="Why it makes the account grow, in a sentence or two.")
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    routes = models.ManyToManyField("align.Route", blank=True, related_name="initiatives")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PROPOSED)
    gate = models.PositiveSmallIntegerField(choices=Gate.choices, default=Gate.CHARTER)
    strategic_alignment = _score("how well it serves the customer's strategy and ours.")
    strategic_alignment_source = _source()
    economic_impact = _score("how much money is at stake.")
    economic_impact_source = _source()
    feasibility = _score("how surely it can be built and delivered.")
    feasibility_source = _source()
    time_to_value = _score("how soon it pays; high is soon.")
    time_to_value_source = _source()
    risk_profile = _score("risk after mitigation; high is safe.")
    risk_profile_source = _source()
    relationship_leverage = _score("how far contacts would carry it.")
    relationship_leverage_source = _source()
    start_on = models.DateField("starts", null=True, blank=True)
    months = models.PositiveSmallIntegerField(
        "months to completion", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    budget = MoneyField(null=True, blank=True, validators=[MinValueValidator(0)])
    currency = CurrencyField(blank=True)
    hours_a_month = models.PositiveIntegerField(
        "hours a month", null=True, blank=True, help_text="What our people put in, on average over its months."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(budget__gte=0), name="initiative_budget_not_negative"
            )
        ]

    def __str__(self) -> str:
        return self.title
