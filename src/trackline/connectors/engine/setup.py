"""What a file needs in the book before its rows: custom fields for kept columns, a pipeline for its stages."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.text import slugify

from trackline.accounts.services import define_custom_field
from trackline.align.models import Pipeline, Stage
from trackline.connectors.mapping.plan import ColumnPlan, StagePlan, TablePlan
from trackline.connectors.profiles import sources
from trackline.connectors.values.words import fold
from trackline.kit.models import CustomField
from trackline.kit.policy import ADMIN, Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry

_KINDS = {"integer": "decimal", "money": "decimal", "percent": "decimal", "datetime": "date", "email": "text"}
_STATES = ("identified", "qualifying", "pursuing", "won", "lost", "parked")
_KEY_LENGTH = 40
#: So many stages must agree before a file is taken to follow a pipeline of the book; "Won" alone is in all of them.
_ENOUGH_STAGES = 3


def prepare_custom_fields(ctx: Context, plan: TablePlan, record_type: str, *, dry: bool = False) -> list[str]:
    """Define the custom fields that kept columns need; the kind of an existing field wins over the column's.

    Without the right to define fields, columns that have none are left out. Returns what to tell about it.
    """
    notes: list[str] = []
    known = {row.key: row for row in CustomField.objects.filter(record_type=record_type)}
    allowed = CustomField.Kind.values
    dropped = []
    for column in plan.columns:
        key = column.custom_key
        if not key:
            continue
        kind = _KINDS.get(column.kind, column.kind) if column.is_custom else "date"
        kind = kind if kind in allowed else "text"
        field = known.get(key)
        if (field is None or not field.active) and not ctx.actor.may(ADMIN):
            dropped.append(column.heading)
            _leave_out(column)
            continue
        if (field is None or not field.active) and dry:
            continue
        if field is None or not field.active:
            field = define_custom_field(ctx, record_type, column.label[:120], kind, key=key)
            known[key] = field
        if column.is_custom:
            column.kind = field.kind
            if field.kind == CustomField.Kind.CHOICE:
                column.words = {choice: choice for choice in field.choices}
                column.kind = "text"
    if dropped:
        notes.append(f"Left out, as only an administrator adds custom fields: {', '.join(dropped)}")
    return notes


def _leave_out(column: ColumnPlan) -> None:
    if column.is_custom:
        column.target, column.how = "", "skipped"
    column.also = ""


class Stages:
    """Finds or makes the stage that a route stands in. Stages of a system form a pipeline of that system."""

    def __init__(self, ctx: Context, plan: TablePlan, *, dry: bool = False) -> None:
        self._ctx = ctx
        self._dry = dry
        self._may_make = ctx.actor.may(ADMIN)
        self._default = (
            sources()[plan.source].label if plan.source in sources() and plan.source != "csv" else "Imported"
        )
        self._plans = {fold(stage.label or stage.name): stage for stage in plan.stages}
        self._found: dict[tuple[str, str], tuple[int, str] | None] = {}
        self._touched: set[int] = set()
        self._standard = self._pipeline_with(plan)

    def _pipeline_with(self, plan: TablePlan) -> Pipeline | None:
        """A pipeline of the book that already has all the stages of the file."""
        wanted = {fold(stage.label or stage.name) for stage in plan.stages if stage.how}
        if len(wanted) < _ENOUGH_STAGES or plan.source != "csv":
            return None
        living: list[Pipeline] = list(Pipeline.objects.filter(deleted_at__isnull=True, active=True))
        for pipeline in sorted(living, key=lambda each: (not each.is_default, each.pk)):
            names = {fold(name) for name in _stages_of(pipeline).values_list("name", flat=True)}
            if wanted <= names:
                return pipeline
        return None

    def find(self, name: str, pipeline_name: str, state: str, probability: float) -> tuple[int, str] | None:
        """Pipeline and key of a stage; `None` where it does not exist and may not be made."""
        key = (fold(pipeline_name), fold(name))
        if key not in self._found:
            self._found[key] = self._make(name, pipeline_name, state, probability)
        return self._found[key]

    def _make(self, name: str, pipeline_name: str, state: str, probability: float) -> tuple[int, str] | None:
        pipeline = self._standard or self._pipeline(pipeline_name or self._default)
        if pipeline is None:
            return (-1, slugify(name)[:_KEY_LENGTH]) if self._dry and self._may_make else None
        for stage in _stages_of(pipeline):
            if fold(stage.name) == fold(name) or stage.key == name:
                return pipeline.pk, stage.key
        if not self._may_make:
            return None
        if self._dry:
            return -1, slugify(name)[:_KEY_LENGTH]
        planned = self._plans.get(fold(name)) or StagePlan(name, state, probability, "row")
        taken = set(_stages_of(pipeline).values_list("key", flat=True))
        key = base = slugify(name)[:_KEY_LENGTH] or "stage"
        number = 1
        while key in taken:
            number += 1
            key = f"{base[: _KEY_LENGTH - 4]}-{number}"
        data = {
            "pipeline": pipeline.pk,
            "key": key,
            "name": name[:120],
            "state": planned.state or state,
            "probability": round(planned.probability, 2),
            "position": len(taken),
        }
        records.create(self._ctx, registry.get("stage"), data, parse="json")
        self._touched.add(pipeline.pk)
        return pipeline.pk, key

    def _pipeline(self, name: str) -> Pipeline | None:
        key = slugify(name)[:_KEY_LENGTH] or "imported"
        found: Pipeline | None = Pipeline.objects.filter(key=key, deleted_at__isnull=True).first()
        if found is None and self._may_make and not self._dry:
            data = {"key": key, "name": name[:120]}
            made: Pipeline = records.create(self._ctx, registry.get("pipeline"), data, parse="json")
            return made
        return found

    def order(self) -> None:
        """Put the stages of pipelines that got new ones in order: by state, then by probability."""
        for pk in self._touched:
            stages = sorted(
                Stage.objects.filter(pipeline_id=pk, deleted_at__isnull=True),
                key=lambda stage: (_STATES.index(stage.state), stage.probability, stage.position),
            )
            for position, stage in enumerate(stages):
                if stage.position != position:
                    Stage.objects.filter(pk=stage.pk).update(position=position)


def _stages_of(pipeline: Pipeline) -> QuerySet[Stage]:
    return Stage.objects.filter(pipeline=pipeline, deleted_at__isnull=True)
