"""`trackline restore`."""

from __future__ import annotations

from pathlib import Path

import click

from trackline.delivery.upkeep import restore, schema

from .failures import Failed
from .init import describe_database
from .output import examples, json_option, print_json, progress


@click.command(epilog=examples("trackline restore trackline.zip", "trackline restore trackline.zip --force"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace what the database holds now.")
@json_option
def command(file: Path, force: bool, as_json: bool) -> None:
    """Put the content of a backup in place of what the database holds.

    The backup may come from the other database engine or from an older version. It is verified first; a restore that
    fails leaves the old data untouched.
    """
    with restore.read(file) as reader:
        schema.create_missing_database()
        if restore.holds_data() and not force:
            raise Failed(
                f"The database is not empty ({describe_database()}). "
                "Take a backup of it, then add --force to replace its content."
            )
        with progress("Restoring", reader.manifest.rows) as advance:
            restore.apply(reader, advance)
        manifest = reader.manifest
    if as_json:
        print_json({"made_at": manifest.made_at, "version": manifest.version, "rows": manifest.rows})
        return
    click.echo(f"Restored {manifest.rows:,} rows and {len(manifest.files)} files, as of {manifest.made_at}.")
    click.echo("Everybody signs in again.")
