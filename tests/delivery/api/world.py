"""Records that the tests of the API need around the one they look at."""

from __future__ import annotations

from typing import Any

from tests.delivery.api.client import Api
from trackline.accounts.models import Account, User
from trackline.delivery.api import examples
from trackline.kit.records.types import RecordType, registry

TYPES = registry.all()
NAMES = [rtype.name for rtype in TYPES]


class World:
    """An administrator's API, an account, and records made on demand."""

    def __init__(self, api: Api, account: Account, user: User) -> None:
        self.api = api
        self.ids = {"account": str(account.pk), "user": str(user.pk)}

    def id_of(self, name: str) -> str:
        """Return the id of a record of a type, which is made when first asked for."""
        if name not in self.ids:
            self.ids[name] = self.make(registry.get(name))["id"]
        return self.ids[name]

    def make(self, rtype: RecordType, **more: Any) -> dict[str, Any]:
        """Make a record from its example."""
        return self.api.made(f"/{rtype.resource}", self.body(rtype) | more)

    def body(self, rtype: RecordType, *, minimal: bool = False) -> dict[str, Any]:
        """Return the example of a type, its references pointing to records that are there."""
        body = examples.body_of(rtype)
        if minimal:
            needed = [name for name, spec in rtype.specs.items() if spec.required and not spec.read_only]
            body = {name: body[name] for name in needed if name in body} | (_MINIMUM.get(rtype.name, {}))
        for name in body:
            spec = rtype.specs.get(name)
            if spec is not None and spec.kind == "ref":
                body[name] = self.id_of(spec.target)
        if "toward" in body:  # a line leads to somebody else
            body["toward"] = self.api.made("/contacts", {"account": self.id_of("account"), "name": "Ines Alba"})["id"]
        return body


_MINIMUM = {
    "play": {"title": "Win a second sponsor", "horizon": 60},
    "check_in": {"value": 93},
    "renewal_cycle": {"renewal_date": "2027-06-30"},
    "case_line": {"benefit": 1000},
    "response": {"recommend": 8},
    "qualification": {"score": 1},
    "plan_sign_off": {"contact": "17", "evidence_url": "https://mail.example/archive/4711"},
}
"""What a record needs by a rule of its room, beside the fields that are always needed."""
