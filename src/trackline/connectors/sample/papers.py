"""Plans of the sample book with their texts, versions and signatures, and a page that a customer sees.

They come last, as what they keep is read from everything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from trackline.accounts.access import digest
from trackline.connectors.sample.content import Story
from trackline.documents.models import ShareSecret
from trackline.documents.plans import services as plans
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

ADDRESS = "sample-page-of-okada-brandt-and-ferrova"
"""Where the sample page opens, so that whoever tries the book can look at it. Other addresses are drawn by lot."""

By = Callable[[str, int], Context]
"""Gives the context of a write: by whom of ours (initials), on which day from today."""


def add_papers(story: Story, ids: Mapping[str, int], by: By) -> Counter[str]:
    """Write the plan and the shared page of an account's story; returns how many records of each type were made."""
    made: Counter[str] = Counter()
    if "plan" in story.facts:
        _plan(story, ids, by, made)
    if "page" in story.facts:
        _page(story, ids, by, made)
    return made


def _plan(story: Story, ids: Mapping[str, int], by: By, made: Counter[str]) -> None:
    told, account = story.facts["plan"], ids[story.account]
    owner = told["owner"]

    def create(ctx: Context, kind: str, **data: Any) -> Any:
        made[kind] += 1
        return records.create(ctx, registry.get(kind), data)

    sections = {}
    for section, text in told["texts"].items():
        writer = ids[story.user(text["by"])]
        sections[section] = create(
            by(text["by"], text["on"]),
            "plan_section",
            account=account,
            section=section,
            text=text["says"],
            owner=writer,
        )
    for one in told.get("suggests", ()):
        data = {"text": one["says"], "why": one["why"]}
        create(by(one["by"], one["on"]), "plan_suggestion", plan_section=sections[one["section"]].pk, **data)
    members = [ids[name] for name in story.users(told.get("members"))]
    level = told.get("confidentiality", "shared")
    plan = create(
        by(owner, told["started"]), "account_plan", account=account, owner=ids[story.user(owner)], confidentiality=level,
        members=members,
    )  # fmt: skip
    for step in told.get("steps", ()):
        ctx = by(step.get("by", owner), step["on"])
        newest = plan.versions.order_by("-number").values_list("pk", flat=True).first()
        if "to" in step:
            plans.move(ctx, plan.pk, step["to"], step.get("note", ""))
        elif "keeps" in step:
            create(ctx, "plan_version", plan=plan.pk, note=step["keeps"])
        elif "signs" in step:
            create(ctx, "plan_sign_off", plan_version=newest, **_signature(story, step, ids))
        else:
            records.update(ctx, registry.get("plan_version"), newest, {"shared_on": story.when.day(step["on"])})
    made["plan_version"] = plan.versions.count()


def _signature(story: Story, step: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    said = {"decision": step["says"], "note": step.get("note", "")}
    if step["signs"] == "us":
        return said | {"side": "us"}
    return said | {"side": "customer", "contact": ids[f"contact:{story.key}/{step['signs']}"]}


def _page(story: Story, ids: Mapping[str, int], by: By, made: Counter[str]) -> None:
    told = story.facts["page"]
    data = {
        "account": ids[story.account],
        "title": told["title"],
        "greeting": told["greeting"],
        "goals": [ids[f"goal:{story.key}/{name}"] for name in told["goals"]],
        "kpis": [ids[f"kpi:{story.key}/{name}"] for name in told["kpis"]],
        "show_plan": True,
        "signatory": ids[f"contact:{story.key}/{told['signs']}"],
        "may_tick": True,
        "may_comment": True,
        "expires_on": story.when.day(told["until"]),
    }
    ctx = by(told["by"], told["on"])
    link = records.create(ctx, registry.get("share_link"), data)
    ShareSecret.objects.create(link=link, digest=digest(ADDRESS), made_at=ctx.now)
    made["share_link"] += 1
