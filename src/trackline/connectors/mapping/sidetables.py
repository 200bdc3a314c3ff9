"""Tables that only complete others: links between records by their ids, and the names behind ids of stages."""

from __future__ import annotations

from dataclasses import dataclass, field

from trackline.connectors.mapping.plan import ImportPlan, Question, StagePlan, TablePlan
from trackline.connectors.profiles import Source, SourceObject, meaning_of, meaning_of_probability, sources
from trackline.connectors.readers import Table
from trackline.connectors.values.columns import show
from trackline.connectors.values.numbers import NotANumber, parse_number
from trackline.connectors.values.words import parse_boolean, squeeze

#: Links are held in memory while their records are imported.
_MAX_LINKS = 1_000_000


@dataclass(slots=True)
class Links:
    """Look-ups that stand in a table of their own: record type → field → own id → id (or name) of the target."""

    found: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    def add(self, record_type: str, field_name: str, own: str, target: str) -> None:
        """Note a link; the first one of a record counts."""
        self.found.setdefault(record_type, {}).setdefault(field_name, {}).setdefault(own, target)

    def of(self, record_type: str) -> dict[str, dict[str, str]]:
        """The links of a record type by field."""
        return self.found.get(record_type, {})


def object_of(plan: TablePlan) -> tuple[Source, SourceObject | None]:
    """The source object that a planned table was recognised as."""
    source = sources().get(plan.source, sources()["csv"])
    return source, next((obj for obj in source.objects if obj.name == plan.object_name), None)


def read_links(plan: TablePlan, table: Table, links: Links) -> None:
    """Take in a table of links."""
    source, obj = object_of(plan)
    if obj is None:
        return
    positions = {key: i for i, heading in enumerate(table.headings) for key in source.keys(heading)}
    own = positions.get(squeeze(str(obj.link["by"])))
    rank = next((positions[key] for name in obj.link.get("rank", []) if (key := squeeze(name)) in positions), None)
    if own is None:
        return
    record_type = str(obj.link["of"])
    rows = [row.cells for _, row in zip(range(_MAX_LINKS), table.rows(), strict=False)]
    if rank is not None:
        # The greatest line stands for the whole.
        rows.sort(key=lambda cells: _amount(show(cells[rank])), reverse=True)
    for field_name, names in obj.link["set"].items():
        places = [positions[key] for name in names if (key := squeeze(name)) in positions]
        for cells in rows:
            target = next((text for place in places if (text := show(cells[place]).strip())), "")
            if target and (text := show(cells[own]).strip()):
                links.add(record_type, field_name, text, target)


def _amount(text: str) -> float:
    try:
        return float(parse_number(text).value)
    except NotANumber:
        return 0.0


def complete_stages(plan: ImportPlan, tables: dict[str, Table]) -> None:
    """Give ids of stages their names and meanings from the table of stages, and those of pipelines theirs."""
    pipelines: dict[str, str] = {}
    stages: dict[str, StagePlan] = {}
    for planned in plan.tables:
        _, obj = object_of(planned)
        table = tables.get(planned.name)
        if obj is None or table is None:
            continue
        if planned.role == "pipelines":
            pipelines.update(_pipelines(planned, obj, table))
        elif planned.role == "stages":
            stages.update(_stages(planned, obj, table))
    for planned in plan.tables:
        for stage in planned.stages:
            known = stages.get(stage.name)
            if known is not None and stage.how in ("", "probability", "name", "words"):
                stage.label, stage.state, stage.probability = known.label, known.state, known.probability
                stage.how, stage.position = "stages", known.position
                stage.pipeline = pipelines.get(known.pipeline, known.pipeline)
        planned.questions = [each for each in planned.questions if not _answered(each, planned)]


def _answered(question: Question, plan: TablePlan) -> bool:
    if question.kind != "stage":
        return False
    return any(stage.name == question.examples[0] and stage.how for stage in plan.stages)


def _pipelines(plan: TablePlan, obj: SourceObject, table: Table) -> dict[str, str]:
    place = _places(plan, obj.pipelines, table)
    return {show(row.cells[place["id"]]): show(row.cells[place["label"]]) for row in table.rows()}


def _places(plan: TablePlan, names: object, table: Table) -> dict[str, int]:
    source, _ = object_of(plan)
    positions = {key: i for i, heading in enumerate(table.headings) for key in source.keys(heading)}
    assert isinstance(names, dict)
    return {role: positions[key] for role, name in names.items() if (key := squeeze(str(name))) in positions}


def _stages(plan: TablePlan, obj: SourceObject, table: Table) -> dict[str, StagePlan]:
    place = _places(plan, obj.stages, table)
    found = {}
    for row in table.rows():
        cell = {role: show(row.cells[index]).strip() for role, index in place.items()}
        label = cell.get("label", "") or cell["id"]
        try:
            chance = parse_number(cell.get("probability", "")).value * 100
        except NotANumber:
            chance = None
        if _true(cell.get("won", "")):
            state = "won"
        elif _true(cell.get("closed", "")):
            state = "lost"
        else:
            meaning = meaning_of(label, plan.source) or (meaning_of_probability(chance) if chance is not None else None)
            state = meaning.state if meaning else "identified"
        position = int(cell["position"]) if cell.get("position", "").isdigit() else 0
        usual = float(chance) if chance is not None else {"won": 100.0, "lost": 0.0}.get(state, 10.0)
        found[cell["id"]] = StagePlan(cell["id"], state, usual, "stages", 0, label, cell.get("pipeline", ""), position)
    return found


def _true(text: str) -> bool:
    try:
        return parse_boolean(text)
    except ValueError:
        return False
