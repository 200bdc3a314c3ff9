"""Files written on the spot, and one import of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.factories import system
from trackline.connectors import services
from trackline.connectors.engine.result import Result
from trackline.connectors.mapping.build import build_plan
from trackline.connectors.mapping.drafts import Draft, Drafter
from trackline.connectors.mapping.plan import ImportPlan, TablePlan
from trackline.connectors.mapping.saved import SavedMap, parse_map
from trackline.connectors.readers import Reading, Table, read_paths
from trackline.kit.policy import Context

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def write(folder: Path, name: str, text: str | bytes) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read_one(path: Path) -> Table:
    """The one table of a file."""
    reading = read_paths([path])
    assert not [each for each in reading.unread if each.failed], reading.unread
    [table] = reading.tables
    return table


def problem_of(path: Path) -> str:
    """Why a file cannot be read."""
    [unread] = read_paths([path]).unread
    assert unread.failed
    return unread.reason


def plan_of(*paths: Path, told: dict[str, Any] | None = None, source: str = "auto") -> tuple[Reading, ImportPlan]:
    """The plan of files."""
    saved = parse_map(told or {})
    reading = read_paths(paths, saved.options)
    return reading, build_plan(reading, saved, source=source)


def plan_one(path: Path, told: dict[str, Any] | None = None, source: str = "auto") -> TablePlan:
    """The plan of a file with one table."""
    _, plan = plan_of(path, told=told, source=source)
    [table] = plan.tables
    return table


def targets(table: TablePlan) -> dict[str, str]:
    """Heading → where it goes, for columns that go somewhere."""
    return {column.heading: column.target for column in table.columns if column.target}


def drafts_of(path: Path, told: dict[str, Any] | None = None, source: str = "auto") -> list[Draft]:
    """The rows of a file as drafts."""
    reading, plan = plan_of(path, told=told, source=source)
    return list(Drafter(plan.tables[0], home_currency="EUR").drafts(reading.tables[0]))


def import_files(*paths: Path, told: dict[str, Any] | None = None, ctx: Context | None = None, **more: Any) -> Result:
    """Import files as the command line does."""
    saved = parse_map(told) if told else SavedMap()
    return services.import_paths(ctx or system(), paths, saved, **more)


def counts(result: Result) -> dict[str, dict[str, int]]:
    """What was created, updated and unchanged."""
    return {"created": dict(result.created), "updated": dict(result.updated), "unchanged": dict(result.unchanged)}


def reasons(result: Result) -> list[tuple[int | None, str, str]]:
    """Row, column and reason of each rejected row."""
    return [(each.row, each.column, each.reason) for each in result.rejected]


def csv_text(headings: str, rows: Iterable[str]) -> str:
    """A CSV of a heading line and rows."""
    return "\n".join([headings, *rows]) + "\n"
