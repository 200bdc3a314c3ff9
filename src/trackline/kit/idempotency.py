"""One effect for a request that is sent twice: the `Idempotency-Key` of the REST API.

The answer is stored in the transaction that did the work. So a process that dies in between leaves neither, and the
same key does it again; one that answered is answered the same way, without doing it twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction

from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest, Invalid, Refused

KEPT = timedelta(hours=48)
LONGEST = 255
PURGE_EVERY = 50


class IdempotencyKey(models.Model):
    """The stored answer to a request that carried a key; a key belongs to one user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=LONGEST)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "kit"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_unique")]

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True)
class Stored:
    """An answer as it is kept; `replayed` tells that nothing was done this time."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return what must be the same for two requests to be one; `body` in canonical form."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


def once(ctx: Context, key: str, print_: str, work: Callable[[], Stored]) -> Stored:
    """Do the work and keep its answer, or return the answer kept for the same request.

    Raises `BadRequest` for a key that is none, `Invalid` (422) for a key that came with another request, `Refused`
    (409) while the first request is still at work. What `work` raises is not kept: the key stays free.
    """
    if not 1 <= len(key) <= LONGEST or not key.isprintable():
        raise _bad("1 to 255 printable characters are expected.")
    if ctx.actor.user_id is None:
        return work()
    try:
        with transaction.atomic():
            _claim(ctx.actor.user_id, key)
            found = IdempotencyKey.objects.filter(user_id=ctx.actor.user_id, key=key).first()
            if found is not None and ctx.now - found.created_at <= KEPT:
                if found.fingerprint != print_:
                    raise Invalid(
                        "This Idempotency-Key was sent with another request before. Take a new one for a new request.",
                        [{"loc": ["header", "Idempotency-Key"], "msg": "used for another request"}],
                    )
                return Stored(found.status, found.body.encode(), found.headers, replayed=True)
            if found is not None:
                found.delete()
            done = work()
            kept = IdempotencyKey.objects.create(
                user_id=ctx.actor.user_id,
                key=key,
                fingerprint=print_,
                status=done.status,
                headers=dict(done.headers),
                body=done.body.decode(),
                created_at=ctx.now,
            )
            if kept.pk % PURGE_EVERY == 0:
                IdempotencyKey.objects.filter(created_at__lt=ctx.now - KEPT).delete()
            return done
    except IntegrityError as error:
        if "idempotency" in str(error):
            raise _at_work() from None
        raise


def _claim(user_id: int, key: str) -> None:
    # SQLite lets one writer in at a time, so a second request waits for the first and finds its answer. PostgreSQL
    # would let both work until one of them fails on the constraint.
    if connection.vendor != "postgresql":
        return
    number = int.from_bytes(hashlib.sha256(f"{user_id}\n{key}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise _at_work()


def _at_work() -> Refused:
    return Refused("The first request with this Idempotency-Key is still at work. Ask again in a moment.")


def _bad(message: str) -> BadRequest:
    return BadRequest(f"Idempotency-Key: {message}", [{"loc": ["header", "Idempotency-Key"], "msg": message}])
