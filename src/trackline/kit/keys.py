"""Many keys in one condition of a query."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import BigIntegerField
from django.db.models.expressions import Expression


class Keys(list[int]):
    """Keys of records that a query looks among (`account__in=Keys(ids)`): one value for the database, however many.

    Of a plain list Django prepares, checks and names each key by itself, which of a thousand keys costs more than the
    query. Slices and copies are plain lists again.
    """

    def resolve_expression(self, *_: Any, **__: Any) -> Any:
        """Stand in a condition; nothing is among no keys, and the database is not asked."""
        return _Listed(self) if self else []


class _Listed(Expression):
    """The keys as a column of rows."""

    def __init__(self, keys: list[int]) -> None:
        super().__init__(output_field=BigIntegerField())
        self._keys = keys

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        """A table of one column out of a list in JSON."""
        return "(SELECT value FROM json_each(%s))", (json.dumps(self._keys),)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        """A table of one column out of an array."""
        return "(SELECT unnest(%s::bigint[]))", (list(self._keys),)
