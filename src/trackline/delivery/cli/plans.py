"""`trackline plan`: where a plan stands, its versions, what changed between them, its moves."""

from __future__ import annotations

from typing import Any

import click

from trackline.accounts.models import Account
from trackline.documents.models import AccountPlan, PlanVersion
from trackline.documents.plans import services
from trackline.documents.plans.live import Plan, current, plan_of, plan_of_version
from trackline.documents.plans.standing import standing_of
from trackline.documents.plans.versions import difference_of, versions_of
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.queries import get
from trackline.kit.records.types import registry

from .caller import operator
from .failures import Failed
from .output import examples, json_option, print_json, print_table

NOTE = click.option("--note", default="", help="What changed against the version before, and why.")


@click.group(
    epilog=examples(
        "trackline plan status okada-brandt",
        'trackline plan keep okada-brandt --note "Second plant added, goal moved to June"',
        "trackline plan difference okada-brandt --from 1 --to 2",
        'trackline plan move okada-brandt customer_review --note "First plan for three plants"',
    )
)
def command() -> None:
    """Account plans: where one stands, its versions, what changed between them, its moves."""


@command.command("status", epilog=examples("trackline plan status okada-brandt --json"))
@click.argument("account", metavar="ACCOUNT")
@json_option
def status(account: str, as_json: bool) -> None:
    """Say where the plan of the account with this key or id stands: what is missing, what speaks against it, who signed."""
    ctx = operator()
    plan = plan_of(ctx, _account(ctx, account))
    standing = standing_of(ctx, plan)
    record = plan.record
    if as_json:
        kept = (
            {"state": record.state, "confidentiality": record.confidentiality, "title": record.title} if record else {}
        )
        print_json(kept | {"template": plan.template} | standing.to_json())
        return
    click.echo(f"{record}: {record.get_state_display().lower()}" if record else "No plan is started.")
    click.echo(f"{len(plan.sections) - len(standing.lacks)} of {len(plan.sections)} sections say something")
    for lack in standing.lacks:
        click.echo(f"  {lack.title}: {lack.says}")
    for warning in standing.warnings:
        click.echo(warning)
    if standing.newest:
        for one in standing.signed:
            said = one.sign_off.get_decision_display().lower() if one.sign_off else "not signed yet"
            click.echo(f"{standing.newest}: {one.asked or one.side}, {said}")


@command.command("versions", epilog=examples("trackline plan versions okada-brandt"))
@click.argument("account", metavar="ACCOUNT")
@json_option
def versions(account: str, as_json: bool) -> None:
    """List the versions that were kept of an account's plans."""
    ctx = operator()
    found: list[dict[str, Any]] = [
        {
            "id": str(one.pk), "plan": one.plan.title, "number": one.number, "as_of": one.as_of, "note": one.note,
            "signed": [word.says for word in one.sign_offs.all()],
            "shared_on": one.shared_on,
        }
        for one in versions_of(ctx, _account(ctx, account))
    ]  # fmt: skip
    if as_json:
        print_json({"items": found})
    else:
        rows = [(one["number"], one["as_of"], one["plan"], one["note"], "; ".join(one["signed"])) for one in found]
        print_table(("Version", "As of", "Plan", "What changed", "Signed"), rows, "No version was kept yet.")


@command.command("keep", epilog=examples('trackline plan keep okada-brandt --note "Second plant added"'))
@click.argument("account", metavar="ACCOUNT")
@NOTE
@json_option
def keep(account: str, note: str, as_json: bool) -> None:
    """Keep what the plan says now as a version, under a note on what changed."""
    ctx = operator()
    plan = _plan(_account(ctx, account))
    made = records.create(ctx, registry.get("plan_version"), {"plan": plan.pk, "note": note})
    if as_json:
        print_json({"id": str(made.pk), "number": made.number, "as_of": made.as_of})
    else:
        click.echo(f"{made.title} of {plan} kept")


@command.command("move", epilog=examples("trackline plan move okada-brandt internal_review"))
@click.argument("account", metavar="ACCOUNT")
@click.argument("state", type=click.Choice(AccountPlan.State.values))
@NOTE
@click.option("--override", is_flag=True, help="Move it though its gate misses something; the note says why.")
@json_option
def move(account: str, state: str, note: str, override: bool, as_json: bool) -> None:
    """Move the plan of an account to a state, or say what that still needs."""
    ctx = operator()
    plan = _plan(_account(ctx, account))
    moved = services.move(ctx, plan.pk, state, note, override=override)
    if as_json:
        print_json({"id": str(moved.pk), "state": moved.state, "state_on": moved.state_on})
    else:
        click.echo(f"{moved}: {moved.get_state_display().lower()}")


@command.command("difference", epilog=examples("trackline plan difference okada-brandt --from 1"))
@click.argument("account", metavar="ACCOUNT")
@click.option("--from", "before", type=int, help="Number of the earlier version. [default: the newest]")
@click.option("--to", "after", type=int, help="Number of the later version. [default: as it stands now]")
@json_option
def difference(account: str, before: int | None, after: int | None, as_json: bool) -> None:
    """Say what changed in an account's plan between two versions, section by section."""
    ctx = operator()
    found = _account(ctx, account)
    old = _read(ctx, found, before)
    new = plan_of(ctx, found) if after is None else _read(ctx, found, after)
    sections = difference_of(old, new)
    if as_json:
        print_json({"sections": [one.to_json() for one in sections]})
        return
    if not sections:
        click.echo("Nothing that the plan shows has changed.")
    for section in sections:
        click.echo(f"{section.title}{f' ({section.standing})' if section.standing else ''}")
        for row in section.added:
            click.echo(f"  + {row}")
        for row in section.removed:
            click.echo(f"  - {row}")
        for changed in section.changed:
            moved = ", ".join(f"{one.label} {one.before} → {one.after}" for one in changed.fields)
            click.echo(f"  {changed.title}: {moved}")
        for line in section.text:
            if line.what != "kept":
                click.echo(f"  {'+' if line.what == 'added' else '-'} {line.text}")


def version_of(ctx: Context, account: Account, number: int | None) -> PlanVersion:
    """Return the version of the account's current plan with a number, the newest without one."""
    kept = versions_of(ctx, account)
    plan = current(account)
    own = [one for one in kept if plan is None or one.plan_id == plan.pk] or kept
    found = next((one for one in own if number is None or one.number == number), None)
    if found is None:
        raise Failed(f"{account} has no {'version' if number is None else f'version {number}'} of a plan.")
    return found


def _read(ctx: Context, account: Account, number: int | None) -> Plan:
    return plan_of_version(get(ctx, registry.get("plan_version"), version_of(ctx, account, number).pk))


def _account(ctx: Context, account: str) -> Account:
    found: Account = get(ctx, registry.get("account"), account)
    return found


def _plan(account: Account) -> Any:
    found = current(account)
    if found is None:
        raise Failed(f"No plan of {account} is started. Start it on its page, or with POST /api/v1/account-plans.")
    return found
