"""Record types of the room."""

from __future__ import annotations

from trackline.accounts.settings import book_currency
from trackline.book import services
from trackline.book.dashboards import services as dashboards
from trackline.book.models import BookingTarget, Dashboard, ScoringModel
from trackline.kit.policy import ADMIN
from trackline.kit.records.types import RecordType, caller, register, today

register(
    RecordType(
        name="scoring_model",
        model=ScoringModel,
        section="book",
        title="name",
        account="",
        parent="",
        fixed=(),
        fields=("name", "from_on", "normaliser", "cutoffs", "criteria", "note"),
        search=("name", "note"),
        order="-from_on",
        columns=("name", "from_on", "normaliser", "cutoffs", "note"),
        icon="scale",
        about="Dated versions of how accounts are scored: criteria, weights, what feeds them, cut-offs.",
        write_permission=ADMIN,
        defaults={"from_on": today, "criteria": services.criteria_in_force},
        prepare=services.prepare_model,
        allow_delete=services.allow_model_delete,
    )
)

register(
    RecordType(
        name="booking_target",
        model=BookingTarget,
        section="book",
        title="from_on",
        account="",
        parent="",
        fixed=(),
        fields=("owner", "period", "from_on", "value", "currency", "note"),
        search=("note",),
        order="-from_on",
        columns=("from_on", "period", "owner", "value", "note"),
        icon="target",
        about="What routes won in a month, quarter or year should bring in, for the book or for one person's accounts.",
        write_permission=ADMIN,
        defaults={"currency": book_currency},
        prepare=services.prepare_target,
    )
)

register(
    RecordType(
        name="dashboard",
        model=Dashboard,
        section="book",
        title="name",
        account="",
        parent="",
        fixed=(),
        seen=dashboards.seen_by,
        fields=("name", "description", "owner", "shared", "filters", "tiles"),
        search=("name", "description"),
        order="name",
        columns=("name", "owner", "shared", "description"),
        icon="layout-dashboard",
        about="Figures, charts and lists that a person arranges, for themselves or for everybody.",
        defaults={"owner": caller},
        prepare=dashboards.prepare_dashboard,
    )
)
