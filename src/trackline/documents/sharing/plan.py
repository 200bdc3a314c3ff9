"""The account plan on a shared page: the version that the customer reads, who has signed it, and their signature.

Source: PLAN-04, PLAN-09, PERM-08.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.crypto import constant_time_compare

from trackline.accounts.settings import setting
from trackline.documents.allowed.reading import Fields, read
from trackline.documents.models import AccountPlan, PlanSignOff, PlanVersion, ShareLink, ShareVisit
from trackline.documents.papers.blocks import Paper
from trackline.documents.plans.live import plan_of_version, plans_of
from trackline.documents.plans.reading import is_shared
from trackline.documents.plans.standing import newest_version
from trackline.documents.plans.states import NOTE_LEAST
from trackline.documents.sharing import visits
from trackline.documents.sharing.caller import Caller, context_of, day_of, refuse, require_customer, tell
from trackline.documents.sharing.refs import ref_of
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.models import ALIVE
from trackline.kit.records.types import registry

State, Side, Decision = AccountPlan.State, PlanSignOff.Side, PlanSignOff.Decision
What = ShareVisit.What
SIGNED_IN = (State.CUSTOMER_REVIEW, State.CHANGE_CONTROL)
UNSEEN = (State.DRAFT, State.INTERNAL_REVIEW)
LONGEST_NAME, LONGEST_ROLE, LONGEST_NOTE = 200, 200, 4000


@dataclass(frozen=True)
class SharedPlan:
    """A version of the plan as the customer reads it.

    `ref` names the version on this link alone. `asked` is whose signature it waits for, empty where it waits for none here.
    `signatures` hold what may leave of each word given on it, the oldest first; ours only where it is a yes.
    """

    pk: int
    ref: str
    plan: Fields
    version: Fields
    signatures: Sequence[Fields]
    asked: str
    paper: Paper

    @property
    def settled(self) -> bool:
        """Whether both sides have said yes to it."""
        yes = {one["side"] for one in self.signatures if one["decision"] != Decision.REJECTED}
        return yes == set(Side.values)

    def to_json(self) -> Fields:
        """Return it as the page's file holds it."""
        sections = [{"title": part.title, "blocks": part.to_json()["blocks"]} for part in self.paper.parts]
        return {"plan": self.plan, "version": self.version, "signatures": self.signatures, "sections": sections}


@dataclass(frozen=True)
class Word:
    """What somebody of the customer fills in to sign: as it came."""

    version: str = ""
    name: str = ""
    role: str = ""
    decision: str = ""
    note: str = ""
    consent: bool = False

    def wrong(self) -> dict[str, str]:
        """Return what is wrong, by field."""
        found = {}
        for field, most, missing in (
            ("name", LONGEST_NAME, "Please type your name."),
            ("role", LONGEST_ROLE, "Please say in which role you sign."),
        ):
            given = getattr(self, field)
            if not given or len(given) > most:
                found[field] = f"At most {most} characters, please." if given else missing
        if self.decision not in Decision.values:
            found["decision"] = "Please choose one."
        elif self.decision != Decision.APPROVED and len(self.note) < NOTE_LEAST:
            found["note"] = f"Please say what has to change, {NOTE_LEAST} letters or more."
        if len(self.note) > LONGEST_NOTE:
            found["note"] = f"At most {LONGEST_NOTE} characters, please."
        if not self.consent:
            found["consent"] = "A signature needs your consent."
        return found


@dataclass(frozen=True)
class Standing:
    """Which version of the plan stands on a page, None for none yet, and whose signature it waits for."""

    version: PlanVersion | None
    asked: str


def standing_on(link: ShareLink) -> Standing | None:
    """Return what of the plan a page shows, None for one that shows no plan."""
    if not link.show_plan:
        return None
    version = _offered(link)
    return Standing(version, _asked(link, version) if version else "")


def shared_plan(link: ShareLink) -> SharedPlan | None:
    """Return the plan as a link shows it, None where it shows none or there is none that the customer has a part in."""
    standing = standing_on(link)
    if standing is None or standing.version is None:
        return None
    version = standing.version
    words = PlanSignOff.objects.filter(plan_version=version, withdrawn_at=None)
    said = words.exclude(side=Side.US, decision=Decision.REJECTED).order_by("signed_at", "pk")
    says = dict(Decision.choices)
    signatures = [row.fields | {"says": says[row.fields["decision"]]} for row in read("plan_sign_off", said)]
    return SharedPlan(
        pk=version.pk,
        ref=ref_of(link, "plan_version", version.pk),
        plan=read("account_plan", AccountPlan.objects.filter(pk=version.plan_id))[0].fields,
        version=read("plan_version", PlanVersion.objects.filter(pk=version.pk))[0].fields,
        signatures=signatures,
        asked=standing.asked,
        paper=plan_of_version(version).paper("customer"),
    )


def opened(link: ShareLink, caller: Caller, plan: SharedPlan) -> None:
    """Note that the customer has the version from now on, once; looking at it ourselves gives it to nobody."""
    if caller.of_us or not PlanVersion.objects.filter(pk=plan.pk, shared_on=None).exists():
        return
    ctx = context_of(link, caller)
    records.update(ctx, registry.get("plan_version"), plan.pk, {"shared_on": day_of(caller.now)})


def sign(link: ShareLink, caller: Caller, word: Word) -> PlanSignOff:
    """Keep the customer's word on the version that is shown, and tell the plan's owner.

    The word counts as that of the contact who is asked where it was given under their name; under another name it is kept
    as that of nobody known. Raises `Refused` where another version is shown by now, `Invalid` naming the field.
    """
    plan = shared_plan(link)
    if plan is None or not plan.asked:
        raise refuse(link, caller, "sign")
    require_customer(caller)
    if not constant_time_compare(word.version, plan.ref):
        raise Refused("There is a newer version by now. Please read it before you sign.")
    if wrong := word.wrong():
        raise Invalid.fields(wrong)
    visits.check_writing(link, caller.address, caller.now)
    ctx = context_of(link, caller)
    known = link.signatory if _folded(word.name) == _folded(plan.asked) else None
    data = {
        "plan_version": plan.pk,
        "side": Side.CUSTOMER,
        "decision": word.decision,
        "note": word.note,
        "contact": known.pk if known else None,
    }
    kept = {
        "title": word.name,
        "role": word.role,
        "consent": setting("share.consent"),
        "on_page": True,
        "share_link": link.pk,
    }
    with transaction.atomic():
        made: PlanSignOff = records.create(ctx, registry.get("plan_sign_off"), data, kept=kept)
        title = plan.version["title"]
        visits.note(link, What.SIGNED, caller.now, caller.address, f"{title}, by {word.name}")
        tell(
            ctx,
            link,
            f"{word.name}, {word.role}, signed {title}: {made.get_decision_display().lower()}",
            f"sign-{made.pk}",
        )
    return made


def _offered(link: ShareLink) -> PlanVersion | None:
    """The version that the customer reads: the one proposed to them, else the newest of a plan that they got or signed."""
    for plan in plans_of(link.account):
        if plan.state in UNSEEN or not is_shared(plan):
            continue
        version = newest_version(plan) if plan.state == State.CUSTOMER_REVIEW else _given(plan)
        if version is not None:
            return version
    return None


def _given(plan: AccountPlan) -> PlanVersion | None:
    signed = PlanSignOff.objects.filter(ALIVE, side=Side.CUSTOMER, plan_version__plan=plan).values("plan_version")
    rows = PlanVersion.objects.filter(ALIVE, plan=plan).select_related("plan__account").order_by("-number")
    return (rows.exclude(shared_on=None) | rows.filter(pk__in=signed)).first()


def _asked(link: ShareLink, version: PlanVersion) -> str:
    if link.signatory is None or link.signatory.deleted_at or version.plan.state not in SIGNED_IN:
        return ""
    if newest_version(version.plan) != version:
        return ""
    signed = PlanSignOff.objects.filter(ALIVE, plan_version=version, withdrawn_at=None, contact=link.signatory)
    return "" if signed.exists() else link.signatory.name


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
