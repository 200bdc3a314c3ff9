"""The environment: what is accepted, and what the operator is told otherwise."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from trackline.delivery import env

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("TRACKLINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TRACKLINE_HOME", str(tmp_path / "home"))


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    documented = set(re.findall(r"^\| `(TRACKLINE_\w+)`", DOCUMENT.read_text(), re.MULTILINE))
    known = {env.PREFIX + name.upper() for name in env.Environment.model_fields}
    assert {name for name in documented if not name.startswith("TRACKLINE_TEST_")} == known


def test_defaults_are_a_sqlite_file_in_the_data_folder(tmp_path: Path) -> None:
    found = env.read()
    assert found.database == f"sqlite:///{tmp_path / 'home' / 'trackline.sqlite3'}"
    assert not found.cookies_over_https_only
    assert found.hosts == ["localhost", "127.0.0.1", "[::1]"]


def test_an_https_address_secures_cookies_and_allows_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKLINE_BASE_URL", "https://crm.example.com/")
    monkeypatch.setenv("TRACKLINE_ALLOWED_HOSTS", "a.example.com, b.example.com")
    found = env.read()
    assert found.base_url == "https://crm.example.com"
    assert found.cookies_over_https_only
    assert {"crm.example.com", "a.example.com", "b.example.com"} <= set(found.hosts)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "changeme", "too weak"),
        ("SECRET_KEY", "a" * 60, "too weak"),
        ("TIME_ZONE", "Europe/Berln", "did you mean Europe/Berlin?"),
        ("BASE_URL", "crm.example.com", "https://crm.example.com"),
        ("ALLOWED_HOSTS", "https://crm.example.com", "host name only"),
        ("DATABASE_URL", "mysql://localhost/x", "sqlite:////absolute/path.sqlite3 or postgresql://"),
        ("DATABASE_URL", "postgresql://localhost", "names no database"),
        ("DATABASE_URL", "postgresql://localhost:port/x", "port"),
        ("DATABASE_URL", "sqlite://x.sqlite3", "three slashes"),
        ("SMTP_HOST", "smtp://mail.example.com:25", "smtp.example.com"),
        ("SMTP_HOST", "smtp.example.com", "TRACKLINE_MAIL_FROM"),
        ("SMTP_PORT", "65536", "65535"),
        ("SMTP_USER", "ada", "belong together"),
        ("SMTP_SECURITY", "ssl", "starttls"),
        ("MAIL_FROM", "Trackline", "crm@example.com"),
        ("WORKERS", "0", "greater than or equal to 1"),
        ("LOG_LEVEL", "loud", "'DEBUG'"),
        ("DEBUG", "perhaps", "boolean"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(f"TRACKLINE_{name}", value)
    with pytest.raises(env.EnvironmentInvalid) as refused:
        env.read()
    assert f"TRACKLINE_{name}" in str(refused.value)
    assert expected in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_weak_key_is_not_repeated_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKLINE_SECRET_KEY", "hunter2")
    with pytest.raises(env.EnvironmentInvalid) as refused:
        env.read()
    assert "hunter2" not in str(refused.value)


def test_a_database_password_is_not_repeated_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKLINE_DATABASE_URL", "postgresql://me:hunter2@localhost")
    with pytest.raises(env.EnvironmentInvalid) as refused:
        env.read()
    assert "hunter2" not in str(refused.value)


def test_the_key_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    key = env.read().key()
    file = tmp_path / "home" / "secret-key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(key) >= env.SHORTEST_KEY
    assert env.read().key() == key
    assert os.listdir(file.parent) == ["secret-key"]


def test_a_damaged_stored_key_is_refused(tmp_path: Path) -> None:
    env.read().key()
    (tmp_path / "home" / "secret-key").write_text("short")
    with pytest.raises(env.EnvironmentInvalid, match="damaged"):
        env.read().key()


def test_a_home_that_is_a_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TRACKLINE_HOME", str(tmp_path / "file"))
    with pytest.raises(env.EnvironmentInvalid, match=r"TRACKLINE_HOME|cannot be read"):
        env.read().key()


def test_slips_in_names_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKLINE_DATABSE_URL", "x")
    monkeypatch.setenv("TRACKLINE_TEST_CHROMIUM", "x")
    assert env.unknown_variables() == {"TRACKLINE_DATABSE_URL": "TRACKLINE_DATABASE_URL"}
