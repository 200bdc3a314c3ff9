"""Import of 100,000 rows: ours, the floor (`csv` and `executemany` into the same tables), the ratio.

Seconds are of the processor: what else runs on the machine counts for neither. Beside the floor stands what it takes to
write everything that an import leaves behind: history, ids, scores and their ledger, besides the records.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ACCOUNTS, CONTACTS, ROUTES = 10_000, 60_000, 30_000
STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost")


def write_files(folder: Path, share: float) -> int:
    """Write three Salesforce-like exports, a share of the whole; returns how many rows."""
    accounts, contacts, routes = (round(each * share) for each in (ACCOUNTS, CONTACTS, ROUTES))
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(11)
    with (folder / "Account.csv").open("w", newline="") as target:
        out = csv.writer(target)
        out.writerow(["Id", "Name", "Industry", "Website", "AnnualRevenue", "NumberOfEmployees", "ParentId", "Type"])
        for number in range(accounts):
            parent = f"001{rng.randrange(number):012d}" if number > 100 and number % 10 == 0 else ""
            out.writerow(
                [
                    f"001{number:012d}", f"Company {number}", "Energy", f"https://www.company{number}.example",
                    rng.randrange(10**6, 10**9), rng.randrange(10, 90_000), parent, "Customer - Direct",
                ]
            )  # fmt: skip
    with (folder / "Contact.csv").open("w", newline="") as target:
        out = csv.writer(target)
        out.writerow(["Id", "FirstName", "LastName", "Title", "Email", "Phone", "AccountId", "Department"])
        for number in range(contacts):
            out.writerow(
                [
                    f"003{number:012d}", "Ann", f"Person {number}", "Director of Operations",
                    f"ann.{number}@company{number % accounts}.example", f"+49 30 {number}",
                    f"001{number % accounts:012d}", "Operations",
                ]
            )  # fmt: skip
    with (folder / "Opportunity.csv").open("w", newline="") as target:
        out = csv.writer(target)
        out.writerow(["Id", "Name", "AccountId", "StageName", "Probability", "Amount", "CloseDate", "Type"])
        for number in range(routes):
            close = date(2027, 1, 1) + timedelta(rng.randrange(400))
            out.writerow(
                [
                    f"006{number:012d}", f"Deal {number}", f"001{number % accounts:012d}", rng.choice(STAGES),
                    rng.randrange(0, 101), rng.randrange(1_000, 900_000), close.isoformat(), "Existing Business",
                ]
            )  # fmt: skip
    return accounts + contacts + routes


def floor(folder: Path, database: Path) -> float:
    """Read the same files and write the same tables, nothing else; return seconds of the processor."""
    begin = time.process_time()
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous=NORMAL")
    now = datetime.now(UTC).isoformat(sep=" ")
    ids: dict[str, int] = {}
    jobs = (
        (
            "Account.csv",
            "accounts_account",
            ("name", "industry", "domain", "key"),
            ("Name", "Industry", "Website", "Id"),
        ),
        (
            "Contact.csv",
            "accounts_contact",
            ("name", "title", "email", "phone"),
            ("LastName", "Title", "Email", "Phone"),
        ),
        (
            "Opportunity.csv",
            "align_route",
            ("title", "probability", "value", "expected_close_on"),
            ("Name", "Probability", "Amount", "CloseDate"),
        ),
    )
    for name, table, columns, headings in jobs:
        info = connection.execute(f"PRAGMA table_info({table})").fetchall()
        blank = {
            row[1]: "" if "char" in row[2] or row[2] == "text" else 0
            for row in info
            if row[3] and row[1] not in ("id", *columns)
        }
        blank |= {"created_at": now, "updated_at": now, "version": 1, "custom": "{}", "search_text": "x"}
        blank |= {column: 3 for column in ("influence",) if column in blank}
        blank |= {column: "[]" for column in ("tags",) if column in blank}
        blank |= {column: "{}" for column in ("completeness",) if column in blank}
        every = [*columns, *blank]
        statement = f"INSERT INTO {table} ({', '.join(every)}) VALUES ({', '.join('?' * len(every))})"
        with (folder / name).open(newline="") as source:
            reader = csv.DictReader(source)

            def rows(reader: csv.DictReader[str] = reader, headings: tuple[str, ...] = headings):  # type: ignore[no-untyped-def]
                for row in reader:
                    fixed = blank | ({"account_id": ids[row["AccountId"]]} if "account_id" in blank else {})  # noqa: B023
                    yield [*(row[heading] for heading in headings), *fixed.values()]

            connection.executemany(statement, rows())
        if table == "accounts_account":
            ids = dict(connection.execute("SELECT key, id FROM accounts_account"))
    connection.commit()
    connection.close()
    return time.process_time() - begin


def everything(written: Path, bare: Path) -> tuple[float, int]:
    """Write all rows that an import left behind into the same tables of a database without them: seconds, rows."""
    source, target = sqlite3.connect(written), sqlite3.connect(bare)
    target.execute("PRAGMA synchronous=NORMAL")
    names = [name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    seconds, count = 0.0, 0
    for name in names:
        if name.startswith("sqlite_"):
            continue
        newest = target.execute(f'SELECT COALESCE(MAX(rowid), 0) FROM "{name}"').fetchone()[0]
        rows = source.execute(f'SELECT * FROM "{name}" WHERE rowid > ?', [newest]).fetchall()
        if not rows:
            continue
        begin = time.process_time()
        target.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
        seconds, count = seconds + time.process_time() - begin, count + len(rows)
    begin = time.process_time()
    target.commit()
    target.close()
    return seconds + time.process_time() - begin, count


def spent() -> float:
    """Seconds of the processor that commands have taken so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print seconds, ratio and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("var/bench-import"))
    parser.add_argument("--share", type=float, default=1.0, help="of the 100,000 rows")
    asked = parser.parse_known_args()[0]
    home: Path = asked.home.resolve()
    shutil.rmtree(home, ignore_errors=True)
    files = home / "files"
    rows = write_files(files, asked.share)
    # Compiled once, as where Trackline is installed; the first command below does it.
    environ = os.environ | {"TRACKLINE_HOME": str(home), "PYTHONPYCACHEPREFIX": str(home / "compiled")}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    command = str(Path(sys.executable).with_name("trackline"))
    subprocess.run([command, "init"], env=environ, check=True, capture_output=True)
    subprocess.run([command, "import", "--help"], env=environ, check=True, capture_output=True)
    bare, whole = home / "floor.sqlite3", home / "everything.sqlite3"
    shutil.copy(home / "trackline.sqlite3", bare)
    shutil.copy(home / "trackline.sqlite3", whole)
    lowest = floor(files, bare)
    begin, before = time.perf_counter(), spent()
    done = subprocess.run([command, "import", str(files), "--json"], env=environ, capture_output=True, text=True)
    wall, ours = time.perf_counter() - begin, spent() - before
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    answer = json.loads(done.stdout)
    print(f"import of {rows:,} rows: ours {ours:.1f} s ({wall:.1f} s by the clock), floor {lowest:.1f} s, "
          f"ratio {ours / lowest:.1f} (aim 8), peak {peak:.0f} MB; created {answer['created']}, "
          f"rejected {len(answer['rejected'])}")  # fmt: skip
    writing, count = everything(home / "trackline.sqlite3", whole)
    print(f"writing all {count:,} rows that it leaves behind (history, ids, scores, ledger), nothing computed: "
          f"{writing:.1f} s, ratio {ours / writing:.1f}")  # fmt: skip
    begin = time.perf_counter()
    again = subprocess.run([command, "import", str(files), "--json"], env=environ, capture_output=True, text=True)
    counts = json.loads(again.stdout)
    print(f"the same files again: {time.perf_counter() - begin:.1f} s, unchanged {counts['unchanged']}, "
          f"changed {counts['updated'] or 'nothing'}")  # fmt: skip


if __name__ == "__main__":
    main()
