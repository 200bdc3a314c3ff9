"""Whom an agent acts for, and how its calls reach the database."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.db import close_old_connections
from django.utils import timezone
from mcp.server.mcpserver.exceptions import ToolError

from trackline.accounts.access import actor_of
from trackline.accounts.models import Account, User
from trackline.accounts.settings import book_zone
from trackline.kit.api.answers import encode
from trackline.kit.policy import READ, WRITE, Context
from trackline.kit.problems import BadRequest, Forbidden, Problem
from trackline.kit.records.queries import get
from trackline.kit.records.types import RecordType, registry


@dataclass
class Session:
    """One run of the server: for a person, with or without their right to write."""

    user: User
    write: bool = False
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))
    """Django keeps a connection per thread, and agents call from an event loop: one thread answers all."""

    def context(self) -> Context:
        """Who acts now, read anew for each call: a right taken away ends at once. Raises `Forbidden` for who has left."""
        user = User.objects.alive().filter(pk=self.user.pk, active=True).first()
        if user is None:
            raise Forbidden(f"{self.user.name} may no longer sign in.")
        scopes = frozenset({READ, WRITE} if self.write else {READ})
        timezone.activate(book_zone())
        return Context(actor_of(user, scopes), timezone.now(), via="agent")

    def offered(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return `work` as a tool: its first parameter becomes the context, its result plain JSON, a problem an error
        that says what to do about it."""
        signature = inspect.signature(work, eval_str=True)
        given = list(signature.parameters.values())[1:]

        @functools.wraps(work)
        async def tool(**arguments: Any) -> dict[str, Any]:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self._served, work, arguments)

        tool.__signature__ = signature.replace(parameters=given, return_annotation=dict[str, Any])  # type: ignore[attr-defined]
        tool.__annotations__ = {one.name: one.annotation for one in given} | {"return": dict[str, Any]}
        return tool

    def answer(self, work: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Do one piece of work for the person, now. Raises `ToolError` with the words of a problem."""
        try:
            found: dict[str, Any] = msgspec.json.decode(encode(work(self.context(), **arguments)))
        except Problem as problem:
            raise ToolError(told(problem)) from problem
        return found

    def _served(self, work: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        close_old_connections()  # one that the server dropped meanwhile is opened anew
        return self.answer(work, arguments)


def told(problem: Problem) -> str:
    """The sentence of a problem, then each error with its place."""
    lines = [f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in problem.errors]
    return "\n".join([problem.detail, *lines])


def account_of(ctx: Context, key: str) -> Account:
    """The account with this key or id. Raises `NotFound`, also for one out of scope."""
    found: Account = get(ctx, registry.get("account"), key)
    return found


def type_of(name: str) -> RecordType:
    """The record type of this name, or of the plural that addresses use. Raises `BadRequest` naming those there are."""
    wanted = name.strip().casefold().replace("_", "-")
    for rtype in registry.all():
        if wanted in (rtype.name.replace("_", "-"), rtype.resource):
            return rtype
    known = ", ".join(rtype.name for rtype in registry.all())
    raise BadRequest(f"There is no record type {name[:80]}. There are: {known}.")
