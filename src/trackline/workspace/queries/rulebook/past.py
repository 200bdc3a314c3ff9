"""When a signal would have fired, as the page on which it is adjusted tells it, in steps through a large book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from django.core import signing

from trackline.accounts.models import Account
from trackline.kit import formats
from trackline.watch.past import MONTHS, Firing, Past

SHOWN = 40
SALT = "rulebook past"
SECONDS_KEPT = 600
WORDS = {"both": "either way", "new": "only with these", "gone": "no more"}


@dataclass(frozen=True)
class PastRow:
    """A time that the signal fires: where, what it says, and under which figures."""

    on: date
    name: str
    key: str
    says: str
    kind: str
    moved: str

    @property
    def words(self) -> str:
        """Under which figures it fires."""
        return WORDS[self.kind]


@dataclass
class Seen:
    """What the steps before found, carried by the page, signed."""

    rows: list[PastRow] = field(default_factory=list)
    firings: int = 0
    before: int = 0
    after: int = 0
    accounts: set[int] = field(default_factory=set)
    looked: int = 0
    at: int = 0

    def pack(self) -> str:
        """Return it as a form carries it."""
        rows = [{**asdict(row), "on": row.on.isoformat()} for row in self.rows]
        told = {
            "rows": rows,
            "firings": self.firings,
            "before": self.before,
            "after": self.after,
            "accounts": sorted(self.accounts),
        }
        return signing.dumps(told | {"looked": self.looked, "at": self.at}, salt=SALT, compress=True)

    @classmethod
    def read(cls, text: str) -> Seen:
        """Return what a form carries; nothing where it carries nothing, or what no page wrote."""
        try:
            told = signing.loads(text, salt=SALT, max_age=SECONDS_KEPT) if text else None
        except signing.BadSignature:
            told = None
        if told is None:
            return cls()
        rows = [PastRow(**{**row, "on": date.fromisoformat(row["on"])}) for row in told["rows"]]
        return cls(
            rows, told["firings"], told["before"], told["after"], set(told["accounts"]), told["looked"], told["at"]
        )


@dataclass(frozen=True)
class PastTold:
    """The look back as it reads; where accounts are left, `state` is what the next step goes on with."""

    finding: str
    rows: Sequence[PastRow]
    more: int
    since: date
    done: int
    total: int
    state: str
    changed: bool


def months_of(text: str) -> int:
    """Return the months that a form asks for, six where it asks for none."""
    return int(text) if text in {str(one) for one in MONTHS} else MONTHS[1]


def past_told(found: Past, seen: Seen, *, changed: bool) -> PastTold:
    """Return a look back as it reads, with what earlier steps have seen; one query."""
    names = {
        pk: (name, key)
        for pk, name, key in Account.objects.filter(pk__in={one.account_id for one in found.firings}).values_list(
            "pk", "name", "key"
        )
    }
    seen.rows = sorted(
        [*seen.rows, *(_row(one, names) for one in found.firings)], key=lambda row: (-row.on.toordinal(), row.name)
    )[:SHOWN]
    seen.firings += len(found.firings)
    seen.before += found.before
    seen.after += found.after
    seen.accounts |= {one.account_id for one in found.firings if one.after is not None}
    seen.looked += found.accounts
    seen.at = found.resume or 0
    return PastTold(
        _finding(seen, changed),
        seen.rows,
        max(seen.firings - len(seen.rows), 0),
        found.since,
        seen.looked,
        found.total,
        seen.pack() if seen.at else "",
        changed,
    )


def _row(one: Firing, names: Mapping[int, tuple[str, str]]) -> PastRow:
    name, key = names.get(one.account_id, ("", ""))
    kind = "gone" if one.after is None else "new" if one.before is None else "both"
    moved = ""
    if one.before and one.after and one.before != one.after:
        days = (one.before - one.after).days
        moved = f"{abs(days)} d {'earlier' if days > 0 else 'later'}"
    return PastRow(one.on, name, key, one.says, kind, moved)


def _finding(seen: Seen, changed: bool) -> str:
    def times(number: int) -> str:
        return "once" if number == 1 else f"{formats.number(number)} times"

    where = len(seen.accounts)
    on = f" on {formats.number(where)} account{'' if where == 1 else 's'}" if where else ""
    if not changed:
        return f"It would have fired {times(seen.before)}{on}" if seen.before else "It would not have fired"
    if not seen.after:
        return f"With these figures it would not have fired, now {times(seen.before)}"
    return f"With these figures it would have fired {times(seen.after)}{on}, now {times(seen.before)}"
