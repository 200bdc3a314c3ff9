"""Choice lists that several rooms share."""

from django.db import models


class Band(models.TextChoices):
    """Health colours; never shown as colour alone."""

    GREEN = "green", "Green"
    AMBER = "amber", "Amber"
    RED = "red", "Red"
    UNKNOWN = "unknown", "Unknown"


class Direction(models.TextChoices):
    """Which way is good."""

    INCREASE = "increase", "Increase"
    DECREASE = "decrease", "Decrease"


class Unit(models.TextChoices):
    """What a measured number counts."""

    PERCENT = "percent", "Percent"
    CURRENCY = "currency", "Currency"
    COUNT = "count", "Count"
    SCORE = "score", "Score"
    HOURS = "hours", "Hours"
    DAYS = "days", "Days"
    RATIO = "ratio", "Ratio"
    BPS = "bps", "Basis points"


class Rhythm(models.TextChoices):
    """How often a metric is read."""

    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"
    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly"


class Level(models.TextChoices):
    """Low, medium, high."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class Severity(models.TextChoices):
    """Weight of an issue."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


class Seniority(models.TextChoices):
    """The one stored ladder (TRK-06)."""

    C_SUITE = "c_suite", "C-suite"
    VP = "vp", "Vice president"
    DIRECTOR = "director", "Director"
    MANAGER = "manager", "Manager"
    PRACTITIONER = "practitioner", "Practitioner"
