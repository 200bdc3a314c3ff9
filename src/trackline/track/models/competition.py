"""Who else the customer could buy from, what the customer weighs, and what was seen of the others (CMPT)."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from trackline.kit.records.model_fields import ScaleField
from trackline.kit.records.models import ALIVE, Record
from trackline.track.rules.competition import DIMENSIONS

USER = settings.AUTH_USER_MODEL


class Scored(Record):
    """A vendor as the customer sees it: 1 (poor) to 5 (best) on each dimension."""

    solution_fit = ScaleField(null=True, blank=True)
    economic_value = ScaleField(null=True, blank=True)
    relationship_capital = ScaleField(null=True, blank=True)
    innovation_momentum = ScaleField(null=True, blank=True)
    risk_posture = ScaleField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def scores(self) -> dict[str, int | None]:
        """The score of each dimension."""
        return {key: getattr(self, key) for key in DIMENSIONS}


def _weight(dimension: str) -> models.PositiveSmallIntegerField[int, int]:
    """How much a dimension counts for the customer, in percent of all five."""
    label = f"weight of {DIMENSIONS[dimension].lower()}"
    return models.PositiveSmallIntegerField(label, default=20, validators=[MaxValueValidator(100)])


class CompetitivePosition(Scored):
    """What the customer weighs when it chooses a vendor, and how it scores us; one per account."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="competitive_positions")
    weight_solution_fit = _weight("solution_fit")
    weight_economic_value = _weight("economic_value")
    weight_relationship_capital = _weight("relationship_capital")
    weight_innovation_momentum = _weight("innovation_momentum")
    weight_risk_posture = _weight("risk_posture")
    confirmed_by = models.ForeignKey(
        "accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="Who at the customer agreed that this is how they weigh.",
    )  # fmt: skip
    confirmed_on = models.DateField("confirmed", null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=ALIVE, name="competitive_position_of_account")
        ]

    def __str__(self) -> str:
        return "Our competitive position"

    @property
    def weights(self) -> dict[str, int]:
        """The weight of each dimension; together 100."""
        return {key: getattr(self, f"weight_{key}") for key in DIMENSIONS}


class Competitor(Scored):
    """A vendor that the customer could choose instead of us, with what we do about it."""

    class Type(models.TextChoices):
        INCUMBENT = "incumbent", "Incumbent"
        ASPIRANT = "aspirant", "Aspirant"
        STARTUP = "startup", "Start-up"
        ADJACENT = "adjacent", "Adjacent player"
        IN_HOUSE = "in_house", "In-house build"

    class Stance(models.TextChoices):
        DEFEND = "defend", "Defend"
        DIFFERENTIATE = "differentiate", "Differentiate"
        DISRUPT = "disrupt", "Disrupt"
        DISENGAGE = "disengage", "Disengage"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="competitors")
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=12, choices=Type.choices, default=Type.ASPIRANT)
    active = models.BooleanField(default=True)
    assessed_on = models.DateField("assessed", null=True, blank=True)
    stance = models.CharField(
        max_length=14, choices=Stance.choices, blank=True, help_text="Yours; the scores suggest one."
    )
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    next_action = models.TextField("what we do", blank=True)
    next_action_on = models.DateField("by", null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], condition=ALIVE, name="competitor_account_name")
        ]

    def __str__(self) -> str:
        return self.name


class CompetitorSighting(Record):
    """One thing seen of a competitor on an account, and how well it is known."""

    class Kind(models.TextChoices):
        PILOT = "pilot", "Pilot"
        QUOTE = "quote_request", "Quote asked for"
        OVERLAP = "overlap", "Overlapping use"
        EVALUATION = "evaluation", "Evaluation"
        TENDER = "tender", "Tender"
        PRICE = "price_change", "Price change"
        MOVE = "executive_move", "Executive move"
        OTHER = "other", "Other"

    class Source(models.TextChoices):
        DEBRIEF = "debrief", "Win or loss debrief"
        TELEMETRY = "telemetry", "Usage telemetry"
        CONFIDANT = "confidant", "Somebody at the customer"
        PUBLIC = "public", "Public disclosure"
        BENCHMARK = "benchmark", "Third-party benchmark"

    competitor = models.ForeignKey(Competitor, models.CASCADE, related_name="sightings")
    on = models.DateField("date")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    summary = models.TextField("what was seen")
    source = models.CharField(max_length=10, choices=Source.choices, blank=True)
    sources = models.PositiveSmallIntegerField(
        "independent sources", default=1, help_text="How many say the same without knowing of each other."
    )
    contact = models.ForeignKey("accounts.Contact", models.SET_NULL, null=True, blank=True, related_name="+")
    author = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["competitor", "-on"], name="sighting_competitor_on", condition=ALIVE)]
        constraints = [models.CheckConstraint(condition=Q(sources__gte=1), name="sighting_has_a_source")]

    def __str__(self) -> str:
        return self.summary[:80]
