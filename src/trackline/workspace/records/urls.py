"""Addresses of records; what they mean stands in README.md. Fixed words come before ids."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from trackline.workspace.records.views import (
    alerts,
    cells,
    create,
    deletion,
    files,
    links,
    listing,
    moves,
    plays,
    record,
    steps,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("deleted", deletion.deleted),
    path("undo/<int:change>", deletion.undo),
    path("undo/batch/<uuid:batch>", deletion.undo_batch),
    path("panel/<slug:name>/new", create.new),
    path("panel/<slug:name>/<int:pk>", record.in_panel),
    path("r/route/<int:pk>/gate", moves.gate),
    path("r/route/<int:pk>/advance", moves.advance),
    path("r/cadence/<int:pk>/schedule", moves.schedule),
    path("r/cadence/<int:pk>/follow", moves.follow),
    path("accounts/<str:key>/kick-off", moves.kick_off),
    path("r/playbook/<int:pk>/steps", steps.steps),
    path("r/alert/<int:pk>/acknowledge", alerts.acknowledge),
    path("r/alert/<int:pk>/play", alerts.play),
    *(path(f"r/alert/<int:pk>/{verb}", alerts.deed, {"verb": verb}) for verb in alerts.DEEDS),
    path("r/play/start", plays.start),
    path("r/play/<int:pk>/move", plays.move),
    path("r/<slug:name>/<int:pk>/date", plays.redate),
    path("r/<slug:name>", listing.listing),
    path("r/<slug:name>/new", create.new),
    path("r/<slug:name>/table", listing.table),
    path("r/<slug:name>/options", listing.type_ahead),
    path("r/<slug:name>/export/<str:ending>", files.export),
    path("r/<slug:name>/<int:pk>", record.record),
    path("r/<slug:name>/<int:pk>/history", record.changes),
    path("r/<slug:name>/<int:pk>/set", record.set_fields),
    path("r/<slug:name>/<int:pk>/delete", deletion.delete),
    path("r/<slug:name>/<int:pk>/restore", deletion.restore),
    path("r/<slug:name>/<int:pk>/cell/<str:field>", cells.cell),
    path("r/<slug:name>/<int:pk>/links/<slug:other>/<slug:field>", links.link),
]
