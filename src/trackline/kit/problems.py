"""Every failure that a caller can cause, with its HTTP status (RFC 9457) and what to do about it.

Pages, API and command line translate these; nothing else is raised for bad input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar


class Problem(Exception):
    """An expected failure. `detail` is a full sentence; `errors` lists `{"loc": [...], "msg": "..."}`."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request cannot be answered"

    def __init__(self, detail: str = "", errors: Iterable[Mapping[str, Any]] = (), **extra: Any) -> None:
        self.detail = detail or self.title
        self.errors = [dict(error) for error in errors]
        self.extra = extra
        self.headers: dict[str, str] = {}
        super().__init__(self.detail)

    def to_json(self) -> dict[str, Any]:
        """Return the body of an `application/problem+json` answer."""
        body: dict[str, Any] = {"type": "about:blank", "title": self.title, "status": self.status}
        body["detail"] = self.detail
        body["errors"] = self.errors
        return body | self.extra


class Invalid(Problem):
    """The input breaks a rule; each error names its field."""

    status = 422
    title = "The input is not valid"

    @classmethod
    def fields(cls, errors: Mapping[str, str]) -> Invalid:
        """Build from `{field: message}`."""
        listed = [{"loc": field.split("."), "msg": message} for field, message in errors.items()]
        return cls("; ".join(f"{field}: {message}" for field, message in errors.items()), listed)


class BadRequest(Problem):
    """The request itself cannot be read: broken JSON, an unknown filter, a foreign cursor."""

    status = 400
    title = "The request cannot be read"


class Unauthorized(Problem):
    """Nobody is signed in."""

    status = 401
    title = "Sign in first"

    def __init__(self, detail: str = "", errors: Iterable[Mapping[str, Any]] = (), **extra: Any) -> None:
        super().__init__(detail, errors, **extra)
        self.headers["WWW-Authenticate"] = 'Bearer realm="Trackline"'


class Forbidden(Problem):
    """The caller lacks a permission."""

    status = 403
    title = "Not allowed"


class NotFound(Problem):
    """There is no such record, or the caller may not know of it."""

    status = 404
    title = "Not found"


class Gone(Problem):
    """There was such a thing, and its time is over."""

    status = 410
    title = "No longer there"


class Refused(Problem):
    """A gate or a state does not allow the move; `errors` name what is missing."""

    status = 409
    title = "Not possible now"


class Stale(Problem):
    """Somebody else changed the record since the caller read it; `extra["current"]` is what it holds now."""

    status = 412
    title = "Changed by somebody else"


class PayloadTooLarge(Problem):
    """The body is larger than the installation takes."""

    status = 413
    title = "Too large"


class UnsupportedMediaType(Problem):
    """The body is of a kind that the address does not read."""

    status = 415
    title = "Not a kind of content that can be read here"


class TooManyRequests(Problem):
    """The caller asks more often than allowed; `Retry-After` says how many seconds to wait."""

    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.headers["Retry-After"] = str(retry_after)


class Busy(Problem):
    """The database is held by another write for longer than a request may wait; the same request works later."""

    status = 503
    title = "Busy"

    def __init__(self, detail: str = "Another write takes long. Try again in a moment.") -> None:
        super().__init__(detail)
        self.headers["Retry-After"] = "1"
