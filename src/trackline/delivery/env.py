"""The settings of one installation, read from `TRACKLINE_…` environment variables and validated.

Nothing else in Trackline reads the environment. `docs/configuration.md` documents every field here; a test holds the two
together.
"""

from __future__ import annotations

import difflib
import os
import re
import secrets
import sys
import zoneinfo
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .database import DatabaseUrlInvalid, parse_url

PREFIX = "TRACKLINE_"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
SHORTEST_KEY = 32


class EnvironmentInvalid(Exception):
    """The environment holds values Trackline cannot start with; `str()` lists each with what to do."""


def default_home() -> Path:
    """The folder this platform keeps a user's application data in."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Trackline"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Trackline"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "trackline"


class Environment(BaseSettings):
    """Validated settings; field `x` is read from `TRACKLINE_X`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True)

    home: Path = Field(default_factory=default_home)
    database_url: str = ""
    database_pool: int = Field(default=8, ge=0, le=200)
    secret_key: str = ""
    base_url: str = "http://localhost:8000"
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    trust_proxy: bool = False
    secure_cookies: bool | None = None
    hsts_seconds: int = Field(default=31_536_000, ge=0)
    session_days: int = Field(default=14, ge=1, le=365)
    time_zone: str = "UTC"
    debug: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    workers: int | None = Field(default=None, ge=1, le=64)
    threads: int | None = Field(default=None, ge=1, le=128)
    max_upload_mb: int = Field(default=100, ge=1, le=4096)
    api_calls_per_minute: int = Field(default=12_000, ge=0)
    max_body_mb: int = Field(default=10, ge=1, le=1024)
    smtp_host: str = ""
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    mail_from: str = ""

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(host.strip() for host in value.split(",") if host.strip())
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _bare_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if "/" in host:
                raise ValueError(f"“{host}” is an address; give the host name only, such as crm.example.com")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value in zoneinfo.available_timezones():
            return value
        near = difflib.get_close_matches(value, zoneinfo.available_timezones(), n=1)
        hint = f"; did you mean {near[0]}?" if near else "; use a name such as Europe/Berlin"
        raise ValueError(f"“{value}” is no time zone{hint}")

    @field_validator("base_url")
    @classmethod
    def _whole_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError(f"“{value}” is not the address of a site; use a form such as https://crm.example.com")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _strong_key(cls, value: str) -> str:
        if value and (len(value) < SHORTEST_KEY or len(set(value)) < 10):
            raise ValueError(
                f"the key is too weak; use at least {SHORTEST_KEY} random characters, or leave it out and Trackline "
                "makes one and keeps it in TRACKLINE_HOME"
            )
        return value

    @field_validator("smtp_host")
    @classmethod
    def _bare_server(cls, value: str) -> str:
        if "/" in value or ":" in value or value != value.strip():
            raise ValueError(f"“{value}” is no host name; give the name only, such as smtp.example.com")
        return value

    @field_validator("smtp_security", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        address = parseaddr(value)[1]
        if value and (not re.fullmatch(r"[^@\s]+@[^@\s]+", address) or any(mark in value for mark in "\r\n")):
            raise ValueError(f"“{value}” is no e-mail address; use a form such as Trackline <crm@example.com>")
        return value

    @model_validator(mode="after")
    def _mail(self) -> Environment:
        if self.smtp_host and not self.mail_from:
            raise ValueError(f"{PREFIX}MAIL_FROM: the address letters come from is needed with {PREFIX}SMTP_HOST")
        if bool(self.smtp_user) != bool(self.smtp_password):
            raise ValueError(f"{PREFIX}SMTP_USER and {PREFIX}SMTP_PASSWORD belong together: set both or none")
        return self

    @property
    def mail_port(self) -> int:
        """The port of the mail server: the one given, else the usual one of its security."""
        return self.smtp_port or {"starttls": 587, "tls": 465, "none": 25}[self.smtp_security]

    @model_validator(mode="after")
    def _database(self) -> Environment:
        try:
            parse_url(self.database)
        except DatabaseUrlInvalid as problem:
            raise ValueError(f"{PREFIX}DATABASE_URL: {problem}") from problem
        return self

    @property
    def database(self) -> str:
        """The database URL in force: the one given, else a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.home / 'trackline.sqlite3'}"

    @property
    def https(self) -> bool:
        """Whether people reach the site over https."""
        return self.base_url.startswith("https://")

    @property
    def cookies_over_https_only(self) -> bool:
        """Whether cookies are marked Secure: as set, else whenever the base URL is https."""
        return self.https if self.secure_cookies is None else self.secure_cookies

    @property
    def hosts(self) -> list[str]:
        """Every host name requests may carry: the base URL's, this machine's own, and those allowed by hand."""
        own = urlsplit(self.base_url).hostname or "localhost"
        return list(dict.fromkeys([own, *LOOPBACK, *self.allowed_hosts]))

    def key(self) -> str:
        """The signing key: `TRACKLINE_SECRET_KEY`, else the one kept in the data folder, made on first use."""
        return self.secret_key or _stored_key(self.home / "secret-key")


def _stored_key(path: Path) -> str:
    try:
        return _read_key(path)
    except FileNotFoundError:
        pass
    except OSError as problem:
        raise EnvironmentInvalid(f"{path}: cannot be read ({problem.strerror}). Fix its owner or rights.") from problem
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A second process starting at the same moment must end with the same key: write aside, link into place, and
        # read what won.
        aside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        return _read_key(path)
    except OSError as problem:
        raise EnvironmentInvalid(
            f"{PREFIX}HOME: {path.parent} cannot be written ({problem.strerror}). Point {PREFIX}HOME at a folder this "
            "user may write."
        ) from problem


def _read_key(path: Path) -> str:
    key = path.read_text().strip()
    if len(key) < SHORTEST_KEY:
        raise EnvironmentInvalid(f"{path}: the stored key is damaged. Delete the file; everybody signs in again.")
    return key


def read(**overrides: object) -> Environment:
    """Read and validate the environment now. Raises `EnvironmentInvalid` naming each wrong variable and the remedy."""
    try:
        return Environment(**overrides)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as problem:
        raise EnvironmentInvalid("\n".join(_sentence(error) for error in problem.errors())) from None


@cache
def load() -> Environment:
    """The environment of this process, read once."""
    return read()


def unknown_variables() -> dict[str, str | None]:
    """`TRACKLINE_…` variables that no setting reads, each with the nearest known name: usually a typing slip."""
    known = {PREFIX + name.upper() for name in Environment.model_fields}
    return {
        name: next(iter(difflib.get_close_matches(name, known, n=1)), None)
        for name in sorted(os.environ)
        if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}TEST_") and name not in known
    }


def _sentence(error: object) -> str:
    assert isinstance(error, dict)
    message = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return message
    name = PREFIX + str(error["loc"][0]).upper()
    if name in (f"{PREFIX}SECRET_KEY", f"{PREFIX}SMTP_PASSWORD"):
        return f"{name}: {message}."
    return f"{name}={error['input']}: {message}."
