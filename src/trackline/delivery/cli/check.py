"""`trackline check`."""

from __future__ import annotations

import sys

import click
from django.utils import timezone

from trackline.delivery.upkeep import checks

from .output import examples, json_option, print_json


@click.command(epilog=examples("trackline check", "trackline check --json"))
@json_option
def command(as_json: bool) -> None:
    """Look for anything wrong with this installation: settings, data folder, assets, database and its content.

    Changes nothing. Exits with 1 if something must be done; each finding says what.
    """
    findings = checks.run(timezone.now())
    failed = any(finding.failed for finding in findings)
    if as_json:
        print_json({"ok": not failed, "checks": [finding.to_json() for finding in findings]})
    else:
        for finding in findings:
            mark = click.style("✗", fg="red") if finding.failed else click.style("✓", fg="green")
            click.echo(f"{mark} {finding.name}: {finding.found}")
            if finding.remedy:
                click.echo(f"    {finding.remedy}")
    sys.exit(int(failed))
