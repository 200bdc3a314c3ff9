"""Roles: named sets of permissions (PERM-02). Somebody stays administrator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from trackline.accounts.models import Role, User
from trackline.accounts.services.audit import ROLE, USER_ROLES, note_change
from trackline.accounts.services.book import change_setting
from trackline.accounts.settings import setting
from trackline.kit.history.models import Change
from trackline.kit.policy import ADMIN, PERMISSIONS, Context
from trackline.kit.problems import Invalid, NotFound, Refused


def create_role(ctx: Context, name: str, permissions: Iterable[str]) -> Role:
    """Add a role of one's own."""
    ctx.require(ADMIN)
    name, held = _checked(name, permissions)
    base = slugify(name)[:40] or "role"
    taken = {"new", "jobs", *Role.objects.filter(code__startswith=base).values_list("code", flat=True)}
    code = next(code for code in (base, *(f"{base}-{n}" for n in range(2, 1000))) if code not in taken)
    with transaction.atomic():
        role = Role.objects.create(code=code, name=name, permissions=held)
        changes: dict[str, list[Any]] = {"name": [None, name], "permissions": [None, held]}
        note_change(ctx, ROLE, role.pk, code, changes, Change.Action.CREATE)
    return role


def change_role(ctx: Context, code: str, *, name: str | None = None, permissions: Iterable[str] | None = None) -> Role:
    """Rename a role or change what it permits, for everybody who holds it."""
    ctx.require(ADMIN)
    role = role_by(code)
    wanted, held = _checked(
        role.name if name is None else name, role.permissions if permissions is None else permissions, role
    )
    before = {"name": role.name, "permissions": list(role.permissions)}
    moved = {
        key: [before[key], after]
        for key, after in {"name": wanted, "permissions": held}.items()
        if before[key] != after
    }
    if not moved:
        return role
    with transaction.atomic(), somebody_administers(f"{role.name} is the only role that lets anybody administer."):
        role.name, role.permissions = wanted, held
        role.save(update_fields=["name", "permissions"])
        note_change(ctx, ROLE, role.pk, code, moved)
    return role


def delete_role(ctx: Context, code: str) -> Change:
    """Remove a role that nobody holds; the framework's own roles stay."""
    ctx.require(ADMIN)
    role = role_by(code)
    if role.is_default:
        raise Refused(f"{role.name} is one of the roles every book has. Take its permissions away instead.")
    holders = list(User.objects.alive().filter(roles=role).values_list("name", flat=True)[:4])
    if holders:
        raise Refused(
            f"{', '.join(holders)} {'hold' if len(holders) > 1 else 'holds'} this role. Give them another first."
        )
    with transaction.atomic():
        changes: dict[str, list[Any]] = {"name": [role.name, None], "permissions": [list(role.permissions), None]}
        change = note_change(ctx, ROLE, role.pk, code, changes, Change.Action.DELETE)
        role.delete()
    return change


def set_roles(ctx: Context, user: Any, codes: Iterable[str]) -> Change | None:
    """Give a user exactly these roles; somebody stays administrator. Returns what was noted, if anything."""
    ctx.require(ADMIN)
    asked = set(codes)
    wanted = list(Role.objects.filter(code__in=asked))
    if unknown := asked - {role.code for role in wanted}:
        raise Invalid.fields({"roles": f"There is no role {', '.join(sorted(unknown))}."})
    before = sorted(user.roles.values_list("code", flat=True))
    after = sorted(role.code for role in wanted)
    if before == after:
        return None
    with transaction.atomic(), somebody_administers(f"{user.name} is the last administrator."):
        user.roles.set(wanted)
        return note_change(ctx, USER_ROLES, user.pk, user.name, {"roles": [before, after]})


def role_of_job(job: str) -> str:
    """Return the code of the role that somebody new with this job gets, or an empty text. Source: PERM-10."""
    roles = {name.casefold(): code for name, code in setting("perm.job_roles").items()}
    return str(roles.get(" ".join(job.split()).casefold(), ""))


def set_job_roles(ctx: Context, roles: Mapping[str, str]) -> None:
    """Set which role each job starts with; an empty one means that it is asked for. Who is here already keeps theirs."""
    ctx.require(ADMIN)
    known = set(Role.objects.values_list("code", flat=True))
    if unknown := sorted(set(roles.values()) - known - {""}):
        raise Invalid.fields({"roles": f"There is no role {', '.join(unknown)}."})
    change_setting(ctx, "perm.job_roles", {job: code for job, code in roles.items() if code})


def role_by(code: str) -> Role:
    """Return a role by its code, or raise `NotFound`."""
    role = Role.objects.filter(code=code).first()
    if role is None:
        raise NotFound(f"There is no role {code[:80]}.")
    return role


def administrators(without: int | None = None) -> int:
    """Return how many active people hold `track:admin`, one person left out."""
    people = User.objects.alive().filter(active=True).exclude(pk=without or 0)
    held: dict[int, set[str]] = {}
    for pk, permissions in people.values_list("pk", "roles__permissions"):
        held.setdefault(pk, set()).update(permissions or [])
    return sum(ADMIN in permissions for permissions in held.values())


@contextmanager
def somebody_administers(complaint: str) -> Iterator[None]:
    """Refuse what takes the last administrator away, saying why; use it inside the transaction of the change."""
    before = administrators()
    yield
    if before and not administrators():
        raise Refused(f"{complaint} Make somebody else administrator first.")


def _checked(name: str, permissions: Iterable[str], role: Role | None = None) -> tuple[str, list[str]]:
    errors = {}
    name = " ".join(name.split())
    if not name or len(name) > 80:
        errors["name"] = "Between 1 and 80 characters are expected."
    others = Role.objects.exclude(pk=role.pk) if role else Role.objects.all()
    if others.filter(name__iexact=name).exists():
        errors["name"] = f"There is already a role {name!r}."
    asked = set(permissions)
    if unknown := asked - set(PERMISSIONS):
        errors["permissions"] = f"There is no permission {', '.join(sorted(unknown))}."
    if errors:
        raise Invalid.fields(errors)
    return name, [code for code in PERMISSIONS if code in asked]
