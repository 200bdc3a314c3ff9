"""`trackline digest`: the weekly letter."""

from __future__ import annotations

from collections import Counter

import click
from django.conf import settings

from trackline.workspace.letters import letter, plain_text, send_all, wants

from .caller import operator, user_named
from .failures import Failed
from .output import examples, json_option, note, print_json

WORDS = {
    "sent": "sent",
    "nothing": "nothing to tell",
    "off": "turned off",
    "no_address": "no e-mail address",
    "this_week": "had one this week",
    "failed": "failed",
}


@click.command("digest", epilog=examples("trackline digest --preview ada", "trackline digest --send"))
@click.option("--preview", "username", metavar="NAME", help="Show the letter of the person with this sign-in name.")
@click.option("--send", is_flag=True, help="Send everybody theirs; run it weekly.")
@click.option("--again", is_flag=True, help="With --send: also to those who had one this week.")
@json_option
def command(username: str | None, send: bool, again: bool, as_json: bool) -> None:
    """Send the week to people by e-mail: the accounts that need them, alerts, what is due, meetings to prepare, renewals,
    contacts gone silent.

    Who turned it off, has no address or nothing that needs them gets none. Needs TRACKLINE_SMTP_HOST.
    """
    if bool(username) == send or (again and not send):
        raise click.UsageError("Either --preview NAME or --send is expected; --again belongs to --send.")
    ctx = operator()
    if username:
        user = user_named(username)
        found = letter(user, ctx.now)
        if as_json:
            print_json(
                {
                    "to": found.email, "subject": found.subject, "matters": found.matters, "wanted": wants(user),
                    "parts": [
                        {"title": part.title, "count": part.count,
                         "lines": [{"head": line.head, "action": line.action, "text": line.text, "url": settings.BASE_URL + line.path} for line in part.lines]}
                        for part in found.parts
                    ],
                }
            )  # fmt: skip
            return
        click.echo(f"Subject: {found.subject}\n")
        click.echo(plain_text(found, user) if found.matters else "Nothing needs them: no letter would be sent.")
        if not wants(user):
            note("They turned the letter off: --send leaves them out.")
        return
    if not settings.EMAIL_HOST:
        raise Failed("No mail server is set. Set TRACKLINE_SMTP_HOST and TRACKLINE_MAIL_FROM, then try again.")
    done = list(send_all(ctx.now, again=again))
    counts: Counter[str] = Counter(one.outcome for one in done)
    if as_json:
        print_json({"counts": counts, "people": [one.__dict__ for one in done]})
    else:
        click.echo(
            ", ".join(f"{counts[key]} {words}" for key, words in WORDS.items() if counts[key]) or "Nobody is active."
        )
    failed = [one for one in done if one.outcome == "failed"]
    if failed:
        told = "; ".join(f"{one.username}: {one.why}" for one in failed[:5])
        raise Failed(f"{len(failed)} could not be sent: {told}. Check the TRACKLINE_SMTP_ settings and send again.")
