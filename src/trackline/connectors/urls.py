"""Addresses of the import."""

from __future__ import annotations

from django.urls import URLPattern, path

from trackline.connectors.views import check, columns, result, start

urlpatterns: list[URLPattern] = [
    path("import", start.start),
    path("import/<int:pk>", result.result),
    path("import/<int:pk>/columns", columns.columns),
    path("import/<int:pk>/decide", columns.decide),
    path("import/<int:pk>/map", columns.keep_map),
    path("import/<int:pk>/discard", columns.discard),
    path("import/<int:pk>/check", check.check),
    path("import/<int:pk>/fix", check.fix),
    path("import/<int:pk>/run", check.run),
    path("import/<int:pk>/progress", check.progress),
    path("import/<int:pk>/undo", result.undo),
    path("import/<int:pk>/rejects/<str:name>", result.rejects),
]
