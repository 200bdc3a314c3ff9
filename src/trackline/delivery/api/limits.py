"""How often a caller may ask: a fixed window of a minute for each token or person, and a harder one for failed tokens.

Counted in the memory of each worker process, so a caller whose requests are spread over several gets that many times
the limit. It is a brake against loops and guessing, not a quota.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from trackline.kit.problems import TooManyRequests

WINDOW_SECONDS = 60
FAILURES_PER_WINDOW = 30
MOST_CALLERS = 10_000


@dataclass(frozen=True)
class Count:
    """What a caller has left in this window."""

    limit: int
    remaining: int
    reset_seconds: int


class Windows:
    """Counts by caller in the current window."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._window = -1

    def add(self, caller: str, limit: int) -> Count:
        """Count one request and return what is left; `remaining` is negative beyond the limit."""
        now = time.monotonic()
        window = int(now // WINDOW_SECONDS)
        with self._lock:
            if window != self._window or len(self._counts) > MOST_CALLERS:
                self._counts, self._window = {}, window
            used = self._counts[caller] = self._counts.get(caller, 0) + 1
        return Count(limit, limit - used, math.ceil((window + 1) * WINDOW_SECONDS - now))

    def clear(self) -> None:
        """Forget all counts."""
        self._counts.clear()


windows = Windows()


def count(request: HttpRequest, caller: str) -> None:
    """Count a request of a known caller. Raises `TooManyRequests` beyond `API_CALLS_PER_MINUTE` (0: no limit)."""
    limit: int = settings.API_CALLS_PER_MINUTE
    if not limit:
        return
    found = windows.add(caller, limit)
    request.api_count = found  # type: ignore[attr-defined]
    if found.remaining < 0:
        raise TooManyRequests(
            f"At most {limit} calls a minute are answered. Wait {found.reset_seconds} seconds.",
            retry_after=found.reset_seconds,
        )


def count_failure(request: HttpRequest) -> None:
    """Count a token that was not known. Raises `TooManyRequests` where one address sends many of them."""
    found = windows.add(f"failed {address_of(request)}", FAILURES_PER_WINDOW)
    if settings.API_CALLS_PER_MINUTE and found.remaining < 0:
        raise TooManyRequests(
            f"Too many unknown tokens came from your address. Wait {found.reset_seconds} seconds.",
            retry_after=found.reset_seconds,
        )


def address_of(request: HttpRequest) -> str:
    """Return the caller's address; behind a trusted proxy the one that the proxy saw."""
    if settings.TRUST_PROXY and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR")):
        return str(forwarded).rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def add_headers(request: HttpRequest, response: HttpResponse) -> None:
    """Tell the caller what is left."""
    found: Count | None = getattr(request, "api_count", None)
    if found is not None:
        response.headers["RateLimit-Limit"] = str(found.limit)
        response.headers["RateLimit-Remaining"] = str(max(found.remaining, 0))
        response.headers["RateLimit-Reset"] = str(found.reset_seconds)
