#!/usr/bin/env python3
"""Makes `.venv` with Trackline installed in it, from nothing but Python 3.11 and a package index.

    python3 scripts/bootstrap.py            what running Trackline needs
    python3 scripts/bootstrap.py --dev      what working on Trackline needs as well

Debian ships Python without `ensurepip`; then pip is taken, checksum verified, straight from the index. uv does the
installing where it has a wheel for the machine (five times faster than pip), pip elsewhere.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)
INDEX = "https://pypi.org/simple"


def main() -> int:
    """Bring `.venv` up to date; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--dev", action="store_true", help="with the tools for working on Trackline")
    dev = parser.parse_args().dev
    if sys.version_info < OLDEST:
        return fail(
            f"Trackline needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try make PYTHON=python3.12"
        )
    try:
        if not works(PYTHON):
            say(f"Making {VENV.relative_to(ROOT)} with Python {sys.version.split()[0]}")
            venv.EnvBuilder(clear=True, symlinks=os.name != "nt").create(VENV)
        if not has_module("pip"):
            install_pip()
        install("dev" if dev else "")
    except subprocess.CalledProcessError:
        return fail("Setting up failed; the lines above say why.")
    except OSError as problem:
        return fail(f"Setting up failed: {problem}\nIs the network up, and the package index reachable?")
    return 0


def works(python: Path) -> bool:
    """Whether this environment's interpreter runs and is new enough (a system upgrade may have broken it)."""
    code = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    return python.exists() and subprocess.run([python, "-c", code], check=False).returncode == 0


def has_module(name: str) -> bool:
    """Whether the environment can import `name`."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('{name}') is None)"
    return subprocess.run([PYTHON, "-c", code], check=False).returncode == 0


def install_pip() -> None:
    """Give the environment pip: from Python's own copy, else from the package index."""
    if importlib.util.find_spec("ensurepip") and run([PYTHON, "-m", "ensurepip", "--default-pip"], quiet=True) == 0:
        return
    say("This Python comes without pip; fetching it")
    with tempfile.TemporaryDirectory() as folder:
        wheel = download_pip(Path(folder))
        run([PYTHON, wheel / "pip", "install", "--quiet", "--no-index", wheel], check=True)


def download_pip(folder: Path) -> Path:
    """The newest pip wheel that this Python can run, from the index, its checksum verified."""
    index = os.environ.get("PIP_INDEX_URL", INDEX).rstrip("/")
    request = urllib.request.Request(f"{index}/pip/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    wheels = [file for file in files if file["filename"].endswith("-py3-none-any.whl") and is_release(file["filename"])]
    newest = max(wheels, key=lambda file: version_of(file["filename"]))
    with urllib.request.urlopen(newest["url"], timeout=120) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != newest["hashes"]["sha256"]:
        raise OSError(f"{newest['filename']} does not match the index's checksum")
    path = folder / newest["filename"]
    path.write_bytes(content)
    return path


def is_release(filename: str) -> bool:
    """Whether a wheel's version is made of numbers only (no alpha, beta or candidate)."""
    return filename.split("-")[1].replace(".", "").isdigit()


def version_of(filename: str) -> tuple[int, ...]:
    """A wheel's version, comparable."""
    return tuple(int(part) for part in filename.split("-")[1].split("."))


def install(extra: str) -> None:
    """Install this checkout, editable, with its dependencies; `extra` names an optional set."""
    target = f".[{extra}]" if extra else "."
    say(f"Installing Trackline{' and the tools to work on it' if extra else ''} (a minute or two the first time)")
    if not has_module("uv"):
        run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"], quiet=True)
    if has_module("uv"):
        command = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, "--quiet", "--editable", target]
        if run(command, env=uv_environment()) == 0:
            return
        say("uv could not install it; trying pip")
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", target]
    run(command, check=True)


def uv_environment() -> dict[str, str]:
    """The environment for uv, which reads none of pip's configuration: hand over index, mirrors and certificates."""
    listed = subprocess.run([PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    pip: dict[str, str] = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        if name.startswith(("global.", "install.", ":env:.")):
            pip[name.rsplit(".", 1)[1]] = value.strip("'\"").replace("\\n", " ").strip()
    wanted = {
        "UV_SYSTEM_CERTS": "1",
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": pip.get("extra-index-url", ""),
        "UV_FIND_LINKS": pip.get("find-links", ""),
        "SSL_CERT_FILE": pip.get("cert", ""),
        # pip weighs all its indexes alike; uv would stop at the first that knows a name.
        "UV_INDEX_STRATEGY": "unsafe-best-match" if "extra-index-url" in pip else "",
        # uv's default counts only hard links as good and warns on every other file system.
        "UV_LINK_MODE": "copy",
    }
    return {**{name: value for name, value in wanted.items() if value}, **os.environ}


def run(
    command: list[str | Path], *, check: bool = False, quiet: bool = False, env: dict[str, str] | None = None
) -> int:
    """Run a command in the checkout; returns its exit code, or raises if `check` and it failed."""
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(
        [str(part) for part in command], cwd=ROOT, check=check, env=env, stdout=output, stderr=output
    ).returncode


def say(text: str) -> None:
    """Tell what happens next."""
    print(f"» {text}", flush=True)


def fail(text: str) -> int:
    """Say what is wrong; returns the exit code."""
    print(text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
