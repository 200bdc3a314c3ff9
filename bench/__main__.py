"""Run all benchmarks, each in a process of its own, for each has a book of its own."""

import subprocess
import sys

for name in ("scoring", "forecast", "http", "account", "imports", "refresh", "previews", "plan", "decks"):
    subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False)
