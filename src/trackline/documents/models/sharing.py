"""Links to the page a customer sees, their secrets, and who opened them."""

from __future__ import annotations

from typing import Any

from django.db import models

from trackline.kit.records.models import ALIVE, Record


class ShareLink(Record):
    """A page for the customer: what it shows, what they may do there, and until when it opens.

    Goals and KPIs stand on it by choice alone; of outcomes, actions and meetings it holds what `sharing/page.py` lets through.
    """

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="share_links")
    title = models.CharField(max_length=200, help_text="The customer reads it as the heading.")
    greeting = models.TextField("words to the customer", blank=True, help_text="Stands under the heading.")
    goals = models.ManyToManyField(
        "reveal.Goal", blank=True, related_name="+", help_text="Only these stand on the page."
    )
    kpis = models.ManyToManyField(
        "accounts.Kpi",
        blank=True,
        related_name="+",
        verbose_name="KPIs",
        help_text="Only these stand on the page, each agreed with the customer.",
    )
    show_value = models.BooleanField(
        "value delivered", default=True, help_text="Outcomes that somebody at the customer has verified."
    )
    show_actions = models.BooleanField("joint actions", default=True, help_text="Actions that are marked as joint.")
    show_meetings = models.BooleanField(
        "calendar", default=True, help_text="Meetings to which somebody of the customer is invited."
    )
    show_plan = models.BooleanField(
        "account plan",
        default=False,
        help_text="The customer's copy of the version that was proposed to them, or that is in force.",
    )
    signatory = models.ForeignKey(
        "accounts.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="who signs the plan",
        help_text="They put their name under a version that awaits the customer's word. Left empty, nobody signs here.",
    )
    may_tick = models.BooleanField(
        "may tick actions", default=False, help_text="The customer marks joint actions of their side as done."
    )
    may_comment = models.BooleanField(
        "may comment", default=False, help_text="A comment becomes a note, and the account's owner is told."
    )
    expires_on = models.DateField("opens until")
    revoked = models.BooleanField(default=False, help_text="For good: its address opens nothing any more.")
    views = models.PositiveIntegerField(default=0, editable=False)
    last_seen_at = models.DateTimeField("last opened", null=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["account"], name="share_link_account", condition=ALIVE)]

    def __str__(self) -> str:
        return self.title


class ShareSecret(models.Model):
    """What opens a link: the SHA-256 of its address, and the hash of a password where one is set.

    It stands apart from the record, so that no history, export or undo holds it. A revoked link has none.
    """

    link = models.OneToOneField(ShareLink, models.CASCADE, primary_key=True, related_name="secret")
    digest = models.CharField(max_length=64, unique=True)
    password = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Address of {self.link}"


class FormerAddress(models.Model):
    """The SHA-256 of an address that opens nothing any more, so that who tries it is known for what they do."""

    link = models.ForeignKey(ShareLink, models.CASCADE, related_name="former_addresses")
    digest = models.CharField(max_length=64, unique=True)
    void_since = models.DateTimeField()

    def __str__(self) -> str:
        return f"Former address of {self.link}"


class ShareVisit(models.Model):
    """One use of a link, or an attempt at one; `link` is None where no link has that address.

    `network` is the caller's address without its last part: enough to tell offices apart, too little for a person.
    """

    class What(models.TextChoices):
        ADDRESS = "address", "New address made"
        PASSWORD = "password", "Password changed"
        REVOKED = "revoked", "Revoked"
        OPENED = "opened", "Opened"
        FILE = "file", "File taken"
        UNLOCKED = "unlocked", "Password given"
        TICKED = "ticked", "Action ticked"
        UNTICKED = "unticked", "Tick taken back"
        COMMENTED = "commented", "Commented"
        SIGNED = "signed", "Plan signed"
        UNKNOWN = "unknown", "Address not known"
        EXPIRED = "expired", "After its end"
        VOID = "void", "By an address that is void"
        FORGED = "forged", "Sent from elsewhere"
        WRONG_PASSWORD = "wrong_password", "Wrong password"
        BEYOND = "beyond", "Asked for what is not shared"
        SLOWED = "slowed", "Too many attempts"

    REFUSED: Any = frozenset(
        {What.UNKNOWN, What.EXPIRED, What.VOID, What.FORGED, What.WRONG_PASSWORD, What.BEYOND, What.SLOWED}
    )

    link = models.ForeignKey(ShareLink, models.CASCADE, null=True, related_name="visits")
    at = models.DateTimeField()
    what = models.CharField(max_length=16, choices=What.choices)
    network = models.CharField(max_length=45, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["link", "-at"], name="share_visit_link_at"),
            models.Index(fields=["at"], name="share_visit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.at:%Y-%m-%d %H:%M}"

    @property
    def refused(self) -> bool:
        """Whether the caller got nothing."""
        return self.what in self.REFUSED
