"""When each job is due and who is at it, and how its runs went."""

from __future__ import annotations

from django.db import models


class Job(models.Model):
    """A periodic job in this book: when it is due next, and, while it runs, which worker holds it until when."""

    name = models.CharField(max_length=60, unique=True)
    next_at = models.DateTimeField()
    holder = models.CharField(max_length=120, blank=True, default="")
    held_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class JobRun(models.Model):
    """One run of a job."""

    class State(models.TextChoices):
        """How it stands; `lost` means that its worker ended without a word."""

        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"
        LOST = "lost", "Lost"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    said = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["job", "-started_at"], name="job_run_newest")]

    def __str__(self) -> str:
        return f"{self.job} {self.started_at:%Y-%m-%d %H:%M} {self.state}"
