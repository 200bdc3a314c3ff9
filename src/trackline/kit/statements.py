"""Queries of a fixed shape, compiled once.

Building and compiling a queryset costs more than running it on an embedded database. A `Statement` keeps the SQL of a
queryset whose shape never changes; `Instances` reads whole rows of a model by one; a `Selection` keeps the columns of a table
and puts them in front of any condition. All read through Django's connection and converters, so they behave like the
queryset they are made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Func, QuerySet

Row = Sequence[Any]

TEXT = "text"
NUMBER = "number"
NUMBERS = "numbers"
MOMENT = "moment"

_PLACE = re.compile(r"(?<!%)%s")
_FIRST_MARK = 2**61


@dataclass(frozen=True)
class _Compiled:
    pieces: list[str]
    params: list[Any]
    converters: list[tuple[int, Callable[[Any], Any]]]


class Statement:
    """A queryset of values as a function of its arguments: `build` is called once, with a mark for each of `kinds`.

    A kind is `TEXT`, `NUMBER` for an id, `NUMBERS` for the ids of an `__in`, or `MOMENT` for an instant with its zone.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *kinds: str) -> None:
        self._build = build
        self._kinds = kinds
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, *values: Any) -> list[Row]:
        """Return all rows for these values, in one query; none where a list is empty."""
        compiled = self._compiled.get(connection.vendor) or self._compile()
        for value, kind in zip(values, self._kinds, strict=True):
            if kind == NUMBERS and not value:
                return []
        return _run(*self.sql(*values), compiled)

    def sql(self, *values: Any) -> tuple[str, list[Any]]:
        """Return the SQL and its parameters for these values; no list may be empty."""
        compiled = self._compiled.get(connection.vendor) or self._compile()
        params: list[Any] = []
        sql = compiled.pieces[0]
        for piece, param in zip(compiled.pieces[1:], compiled.params, strict=True):
            value = values[param.at] if isinstance(param, _Mark) else param
            if isinstance(param, _Mark) and param.kind == NUMBERS:
                params += value
                sql += ",".join(["%s"] * len(value)) + piece
                continue
            params.append(_stored(value) if isinstance(param, _Mark) and param.kind == MOMENT else value)
            sql += "%s" + piece
        return sql, params

    def _compile(self) -> _Compiled:
        marks: list[Any] = [_MARKS[kind](at) for at, kind in enumerate(self._kinds)]
        query = self._build(*marks).query
        found = _compile(query)
        names = {_in_sql(mark): at for at, mark in enumerate(marks)}
        params = [
            _Mark(names[param], self._kinds[names[param]]) if _is_mark(param, names) else param
            for param in found.params
        ]
        made = self._compiled[connection.vendor] = _Compiled(found.pieces, params, found.converters)
        return made


class Instances:
    """Instances of a model as a function of the arguments of a queryset: `build` and `kinds` as of a `Statement`."""

    def __init__(self, model: type[models.Model], build: Callable[..., QuerySet[Any]], *kinds: str) -> None:
        self._model = model
        self._columns = [field.attname for field in model._meta.concrete_fields]
        self._statement = Statement(lambda *marks: build(*marks).values_list(*self._columns), *kinds)

    def rows(self, *values: Any) -> list[Any]:
        """Return all instances for these values, in one query."""
        alias = connection.alias
        return [self._model.from_db(alias, self._columns, row) for row in self._statement.rows(*values)]


class Selection:
    """Columns of a table, compiled once; `rows` reads them of whatever a queryset over that table finds."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        self._model = model
        self._columns = columns
        self._compiled: dict[str, tuple[str, str, _Compiled]] = {}

    def rows(self, query: QuerySet[Any, Any]) -> list[Row]:
        """Return the columns of the rows that a queryset finds, in its order."""
        try:
            sql, params = query.values_list("pk").query.sql_with_params()
        except EmptyResultSet:
            return []
        head, selected, compiled = self._compiled.get(connection.vendor) or self._compile()
        if not sql.startswith(head):
            return list(query.values_list(*self._columns))
        return _run(selected + sql[len(head) :], list(params), compiled)

    def _compile(self) -> tuple[str, str, _Compiled]:
        every = self._model._default_manager.all().order_by()
        head, _ = every.values_list("pk").query.sql_with_params()
        compiled = _compile(every.values_list(*self._columns).query)
        made = self._compiled[connection.vendor] = (head, compiled.pieces[0], compiled)
        return made


class Bare(Func):
    """A column as it lies in the database: an embedded one reads declared dates of every row, but not those of an expression."""

    arity = 1
    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return the column as an expression that changes nothing."""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **extra)


def as_stored(query: QuerySet[Any, Any]) -> tuple[list[Row], dict[int, Callable[[Any], Any]]]:
    """Return the rows of a queryset of values as the database gives them, and what turns a column into its value.

    For reads of very many rows of which few values are looked at.
    """
    try:
        compiled = _compile(query.query)
    except EmptyResultSet:
        return [], {}
    with connection.cursor() as cursor:
        cursor.execute("%s".join(compiled.pieces), compiled.params)
        rows: list[Row] = cursor.fetchall()
    columns: dict[int, Callable[[Any], Any]] = {}
    for at, convert in compiled.converters:
        columns[at] = _after(columns[at], convert) if at in columns else convert
    return rows, columns


def _after(first: Callable[[Any], Any], second: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: second(first(value))


@dataclass(frozen=True)
class _Mark:
    at: int
    kind: str


_MARKS: dict[str, Callable[[int], Any]] = {
    TEXT: lambda at: f"\ue000{at}",
    NUMBER: lambda at: _FIRST_MARK + at,
    NUMBERS: lambda at: [_FIRST_MARK + at],
    MOMENT: lambda at: datetime(1001, 1, 1, microsecond=at, tzinfo=UTC),
}


def _in_sql(mark: Any) -> Any:
    """Return a mark as it stands among the parameters of a compiled query."""
    if isinstance(mark, datetime):
        return _stored(mark)
    return mark[0] if isinstance(mark, list) else mark


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _is_mark(param: Any, names: dict[Any, int]) -> bool:
    return isinstance(param, str | int | datetime) and not isinstance(param, bool) and param in names


def _compile(query: Any) -> _Compiled:
    compiler = query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    converters = compiler.get_converters(expression for expression, _, _ in compiler.select)
    listed = [
        (at, _converter(convert, expression)) for at, (found, expression) in converters.items() for convert in found
    ]
    return _Compiled(_PLACE.split(sql), list(params), listed)


def _converter(convert: Callable[..., Any], expression: Any) -> Callable[[Any], Any]:
    """Return a converter of one value; those that most columns need do without what Django looks up for each value."""
    field = getattr(convert, "__self__", None)
    if isinstance(field, models.JSONField) and field.decoder is None:
        return _from_json
    name = getattr(convert, "__name__", "")
    if name == "convert_datetimefield_value" and connection.timezone is UTC:
        return _in_utc
    if name == "convert_datefield_value":
        return _day
    return lambda value: convert(value, expression, connection)


def _from_json(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _in_utc(value: Any) -> Any:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def _run(sql: str, params: list[Any], compiled: _Compiled) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[Row] = cursor.fetchall()
    if not compiled.converters:
        return rows
    out = [list(row) for row in rows]
    for at, convert in compiled.converters:
        for values in out:
            value = values[at]
            if value is not None:
                values[at] = convert(value)
    return out
