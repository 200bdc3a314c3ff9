"""`trackline backup`."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils import timezone

from trackline.delivery.upkeep import backup, schema

from .output import examples, json_option, print_json, progress


@click.command(epilog=examples("trackline backup trackline.zip", "trackline backup /backups/$(date +%F).zip --json"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@json_option
def command(file: Path, force: bool, as_json: bool) -> None:
    """Write everything into one file: every record with its history, people, settings and uploaded files.

    The file is a zip of JSON lines, the same whether it comes from SQLite or PostgreSQL; either can restore it. The site
    may stay up. Sessions are left out, and so is the secret key.
    """
    schema.require_current()
    with progress("Backing up", backup.count_rows()) as advance:
        manifest = backup.write(file, timezone.now(), advance, overwrite=force)
    if as_json:
        print_json(
            {
                "file": str(file.absolute()),
                "bytes": file.stat().st_size,
                "tables": len(manifest.tables),
                "rows": manifest.rows,
                "files": len(manifest.files),
            }
        )
        return
    click.echo(
        f"{file}: {manifest.rows:,} rows of {len(manifest.tables)} tables and {len(manifest.files)} files, "
        f"{file.stat().st_size / 1e6:,.1f} MB"
    )
