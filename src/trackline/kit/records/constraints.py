"""Broken database constraints in words."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models

from trackline.kit.problems import Invalid
from trackline.kit.records.types import RecordType


def constraint_problem(rtype: RecordType, error: ValidationError) -> Invalid:
    """Turn a broken database constraint into an error that names its fields."""
    errors: dict[str, str] = {}
    for constraint in rtype.model._meta.constraints:
        if f"“{constraint.name}”" in str(error):
            names = getattr(constraint, "fields", ()) or _expression_fields(constraint)
            known = [name for name in names if name in rtype.specs]
            field = known[-1] if known else "__all__"
            words = " and ".join(rtype.specs[name].label.lower() for name in known)
            if isinstance(constraint, models.UniqueConstraint):
                errors[field] = f"Another {rtype.label.lower()} has the same {words}."
            else:
                errors[field] = f"This does not fit {constraint.name.replace('_', ' ')}."
    for field, messages in getattr(error, "message_dict", {}).items():
        if not errors:
            errors[field] = " ".join(messages)
    return Invalid.fields(errors or {"__all__": "This breaks a rule of the database."})


def _expression_fields(constraint: models.BaseConstraint) -> list[str]:
    found: list[str] = []
    for expression in getattr(constraint, "expressions", ()):
        parts: Any = expression.flatten() if hasattr(expression, "flatten") else [expression]
        found += [str(cast(Any, part).name) for part in parts if isinstance(part, models.F)]
    return found
