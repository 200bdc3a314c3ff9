"""Account plans: what people write into them, where each stands, its versions and who signed them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from trackline.documents.plans.catalogue import titles
from trackline.kit.records.models import ALIVE, Record

USER = settings.AUTH_USER_MODEL


class PlanSection(Record):
    """The text of one section of an account's plan, in Markdown. Source: PLAN-03, PLAN-08."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="plan_sections")
    section = models.CharField(max_length=40, choices=titles)
    text = models.TextField(help_text="Markdown. The customer's copy takes the texts of the sections it holds along.")
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "section"], name="plan_section_once", condition=ALIVE)
        ]

    def __str__(self) -> str:
        return str(dict(titles()).get(self.section, self.section))


class PlanSuggestion(Record):
    """Another wording for the text of a section, by somebody who does not own it. Source: PERM-09."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        TAKEN = "taken", "Taken over"
        DECLINED = "declined", "Declined"

    plan_section = models.ForeignKey(PlanSection, models.CASCADE, related_name="suggestions")
    title = models.CharField(max_length=120, editable=False)
    text = models.TextField("wording", help_text="How the whole text of the section should read, in Markdown.")
    why = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.TextField(blank=True, help_text="What its owner says to it.")
    settled_on = models.DateField("settled", null=True, editable=False)

    def __str__(self) -> str:
        return self.title


class AccountPlan(Record):
    """A plan as something that people agree on: its state, its team, who may read it. Source: PLAN-04.

    What it says lives in the records of the account; its versions keep what it said.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        INTERNAL_REVIEW = "internal_review", "Internal review"
        CUSTOMER_REVIEW = "customer_review", "Customer review"
        APPROVED = "approved", "Approved"
        ACTIVE = "active", "Active"
        CHANGE_CONTROL = "change_control", "Change control"
        ARCHIVED = "archived", "Archived"

    class Confidentiality(models.TextChoices):
        SHARED = "shared", "Shared with the customer"
        TEAM = "team", "Account team"
        PLAN_TEAM = "plan_team", "Plan team only"

    class Template(models.TextChoices):
        LITE = "lite", "Lite"
        SAM = "sam", "Strategic"
        KAM = "kam", "Key account"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="plans")
    title = models.CharField(max_length=120, help_text="What tells it from the plan before: Account plan 2027.")
    template = models.CharField(
        max_length=4, choices=Template.choices, blank=True, help_text="Left empty, the tier decides on the sections."
    )
    confidentiality = models.CharField(
        max_length=9,
        choices=Confidentiality.choices,
        default=Confidentiality.SHARED,
        help_text="Who reads it. Only a shared plan has a copy for the customer.",
    )
    owner = models.ForeignKey(USER, models.SET_NULL, null=True, blank=True, related_name="+")
    members: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        USER, blank=True, related_name="+", verbose_name="plan team", help_text="Beside its owner and the account's."
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    state_on = models.DateField("in this state since", null=True, editable=False)
    effective_on = models.DateField("in force from", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                name="account_plan_in_the_making_once",
                condition=ALIVE & ~Q(state__in=("active", "archived")),
            ),
            models.UniqueConstraint(
                fields=["account"], name="account_plan_active_once", condition=ALIVE & Q(state="active")
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlanVersion(Record):
    """A plan as it stood when it was kept: its facts and texts, never changed again. Source: PLAN-06, PLAN-09."""

    plan = models.ForeignKey(AccountPlan, models.CASCADE, related_name="versions")
    title = models.CharField(max_length=60, editable=False)
    number = models.PositiveIntegerField(editable=False)
    note = models.TextField("change note", help_text="What changed against the version before, and why.")
    as_of = models.DateField("as of", editable=False)
    template = models.CharField(max_length=4, editable=False)
    shared_on = models.DateField(
        "given to the customer on", null=True, blank=True, help_text="A plan the customer never sees is ours alone."
    )
    frozen = models.JSONField(default=dict, editable=False)
    """`{"template", "sections", "facts", "texts"}`; see `plans/frozen.py`."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_number_once", condition=ALIVE)
        ]

    def __str__(self) -> str:
        return self.title


class PlanSignOff(Record):
    """A named person's yes or no to a version of a plan. Source: PLAN-04."""

    class Side(models.TextChoices):
        US = "us", "Us"
        CUSTOMER = "customer", "Customer"

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        WITH_CHANGES = "with_changes", "Approved with changes"
        REJECTED = "rejected", "Rejected"

    plan_version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="sign_offs")
    side = models.CharField(max_length=8, choices=Side.choices)
    title = models.CharField("signed by", max_length=200, editable=False)
    signer = models.ForeignKey(USER, models.SET_NULL, null=True, editable=False, related_name="+")
    contact = models.ForeignKey(
        "accounts.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="signed by the customer",
    )
    decision = models.CharField(max_length=12, choices=Decision.choices)
    note = models.TextField(blank=True)
    evidence_url = models.URLField("evidence", blank=True, help_text="Where their written word is kept.")
    signed_at = models.DateTimeField(editable=False)
    on_page = models.BooleanField("on the shared page", default=False, editable=False)
    """Whether the customer signed by themselves, on a shared page."""
    role = models.CharField("in the role of", max_length=200, blank=True, editable=False)
    """As it was typed on the shared page."""
    consent = models.TextField("under the words", blank=True, editable=False)
    """What the page said that a signature means."""
    share_link = models.ForeignKey(
        "documents.ShareLink", models.SET_NULL, null=True, editable=False, related_name="+", verbose_name="shared page"
    )
    withdrawal = models.TextField(
        "why it was withdrawn", blank=True, help_text="A word that is withdrawn stays here and counts no more."
    )
    withdrawn_at = models.DateTimeField("withdrawn", null=True, editable=False)

    def __str__(self) -> str:
        return self.title

    @property
    def says(self) -> str:
        """Who said what, in a line, and whether it was withdrawn."""
        by = f"{self.title}, {self.role}" if self.role else self.title
        return f"{by}, {self.get_decision_display().lower()}" + (", withdrawn" if self.withdrawn_at else "")
