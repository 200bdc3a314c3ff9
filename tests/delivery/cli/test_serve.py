"""`trackline serve`: a real server on a real port."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest

from tests.delivery.cli.conftest import CHECKOUT
from tests.delivery.conftest import template_file
from trackline.delivery import env
from trackline.delivery.cli import serve

SECONDS_TO_START = 60
SECONDS_TO_STOP = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, unblocked: None) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a running server behind an https proxy, and its process."""
    shutil.copy(template_file(), tmp_path / "trackline.sqlite3")
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        **CHECKOUT,
        "TRACKLINE_HOME": str(tmp_path),
        "TRACKLINE_BASE_URL": "https://crm.example.com",
        "TRACKLINE_TRUST_PROXY": "true",
        "TRACKLINE_WORKERS": "1",
        "TRACKLINE_TME_ZONE": "UTC",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "trackline", "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + SECONDS_TO_START
    while not _answers(address) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    yield address, process
    # Asked, not killed: the main process takes its workers along.
    process.terminate()
    process.communicate(timeout=SECONDS_TO_STOP)


def _answers(address: str) -> bool:
    try:
        return bool(get(f"{address}/healthz", host="10.0.0.7").status == 200)
    except OSError:
        return False


def get(url: str, host: str = "crm.example.com", encoding: str = "identity") -> HTTPResponse:
    headers = {"Host": host, "X-Forwarded-Proto": "https", "Accept-Encoding": encoding}
    answer: HTTPResponse = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20)
    return answer


def test_the_site_is_served_securely_until_told_to_stop(server: tuple[str, subprocess.Popen[str]]) -> None:
    address, process = server
    page = get(f"{address}/sign-in")
    text = page.read().decode()
    assert page.status == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    for cookie in page.headers.get_all("Set-Cookie") or []:
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))

    assets = re.findall(r'(?:src|href)="(/static/dist/[^"]+)"', text)
    for asset in assets:
        served = get(address + asset, encoding="gzip")
        assert "immutable" in served.headers["Cache-Control"]

    with pytest.raises(urllib.error.HTTPError) as refused:
        get(f"{address}/sign-in", host="evil.example.com")
    assert refused.value.code == 400

    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=SECONDS_TO_STOP)
    assert process.returncode == 0
    assert address.rpartition(":")[2] in out
    assert "did you mean TRACKLINE_TIME_ZONE?" in err


def test_a_taken_port_is_told(server: tuple[str, subprocess.Popen[str]], tmp_path: Path) -> None:
    address, _ = server
    port = address.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "trackline", "serve", "--port", port],
        env=CHECKOUT | {"TRACKLINE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "take another with --port" in done.stderr


def test_sizes_follow_the_machine_and_the_settings() -> None:
    workers, threads = serve.sizes(env.read(), "sqlite")
    assert 1 <= workers <= serve.MOST_WORKERS
    assert threads == 2
    assert serve.sizes(env.read(workers=3, threads=5), "postgresql") == (3, 5)
