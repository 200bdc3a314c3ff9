"""C: what we do in the next 30, 60 and 90 days."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class Assignment(Record):
    """A learning task of one of our people."""

    class Status(models.TextChoices):
        ASSIGNED = "assigned", "Assigned"
        IN_PROGRESS = "in_progress", "In progress"
        COMPLETED = "completed", "Completed"
        WAIVED = "waived", "Waived"

    title = models.CharField(max_length=250)
    learner = models.ForeignKey(USER, models.CASCADE, blank=True, related_name="assignments")
    provider = models.CharField(max_length=160, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ASSIGNED)
    assigned_on = models.DateField(null=True, blank=True)
    due_on = models.DateField("due", null=True, blank=True)
    completed_on = models.DateField(null=True, blank=True)
    url = models.URLField("link", max_length=500, blank=True)

    def __str__(self) -> str:
        return self.title


class Playbook(Record):
    """A template of steps; starting it on an account makes a play with dated steps.

    `steps` lists `{"key", "title", "offset_days", "owner_role", "description", "condition"}`; offsets count days before the
    anchor date, negative after it. `counts_from` says which date of an account the anchor is taken from.
    """

    class CountsFrom(models.TextChoices):
        RENEWAL = "renewal", "Renewal date"
        REVIEW = "review", "Next review"
        START = "start", "Day it starts"

    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    anchor = models.CharField("anchor date", max_length=120, blank=True)
    counts_from = models.CharField(
        max_length=8, choices=CountsFrom.choices, default=CountsFrom.START,
        help_text="The date of the account that is offered as anchor.",
    )  # fmt: skip
    steps = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], condition=ALIVE, name="playbook_key_unique")]

    def __str__(self) -> str:
        return self.title


class Play(Record):
    """A 30-, 60- or 90-day effort; one started from a playbook may run longer and has no horizon.

    `playbook_version` is the version that it started from, `owners` who took which role then (`{"sponsor": 7}`),
    `left_out` the keys of steps that were left out. `renewal` is what it prepares.
    """

    class Horizon(models.IntegerChoices):
        D30 = 30, "30 days"
        D60 = 60, "60 days"
        D90 = 90, "90 days"

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        IN_PROGRESS = "in_progress", "In progress"
        BLOCKED = "blocked", "Blocked"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="plays")
    title = models.CharField(max_length=250, blank=True)
    description = models.TextField(blank=True)
    horizon = models.PositiveSmallIntegerField(choices=Horizon.choices, null=True, blank=True)
    playbook = models.ForeignKey(Playbook, models.PROTECT, null=True, blank=True, related_name="plays")
    playbook_version = models.PositiveIntegerField(null=True, blank=True)
    owners = models.JSONField("owner by role", default=dict, blank=True)
    left_out = models.JSONField("steps left out", default=list, blank=True)
    anchor_on = models.DateField("anchor date", null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PLANNED)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    start_on = models.DateField("start", blank=True)
    due_on = models.DateField("due", null=True, blank=True)
    done_on = models.DateField("done", null=True, blank=True)
    blocked_reason = models.TextField("what blocks it", blank=True)
    cancel_reason = models.TextField("why cancelled", blank=True)
    success_criterion = models.CharField(max_length=250, blank=True)
    goal = models.ForeignKey("reveal.Goal", models.SET_NULL, null=True, blank=True, related_name="plays")
    renewal = models.ForeignKey(
        "align.RenewalCycle",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="plays",
        verbose_name="renewal it prepares",
    )
    routes = models.ManyToManyField("align.Route", blank=True, related_name="plays")
    assignments = models.ManyToManyField(Assignment, blank=True, related_name="plays")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(horizon__isnull=False) | Q(playbook__isnull=False), name="play_horizon_or_playbook"
            ),
            models.CheckConstraint(
                condition=Q(horizon__isnull=True) | Q(horizon__in=(30, 60, 90)), name="play_horizon_30_60_90"
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("start_on")), name="play_due_not_before_start"
            ),
        ]
        indexes = [models.Index(fields=["account", "status"], name="play_account_status", condition=ALIVE)]

    def __str__(self) -> str:
        return self.title


class Step(Record):
    """A dated part of a play.

    `condition` is a computed check that the records answer (`rules/conditions.py`), `checked_on` the day on which it
    was first done.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Skipped"

    play = models.ForeignKey(Play, models.CASCADE, related_name="steps")
    key = models.SlugField(max_length=60, blank=True)
    title = models.CharField(max_length=250)
    description = models.TextField(blank=True)
    offset_days = models.SmallIntegerField("days from the anchor", null=True, blank=True)
    due_on = models.DateField("due", null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    done_on = models.DateField("done", null=True, blank=True)
    owner_role = models.CharField(max_length=80, blank=True)
    condition = models.JSONField("computed check", default=dict, blank=True)
    checked_on = models.DateField("first done", null=True, blank=True)
    evidence = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["due_on"], name="step_due", condition=ALIVE & Q(status="open"))]

    def __str__(self) -> str:
        return self.title
