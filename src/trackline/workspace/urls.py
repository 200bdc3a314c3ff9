"""Addresses of the pages. A page's own parts stand under its address."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from trackline.workspace.views import (
    account,
    account_new,
    book,
    bulk,
    putting_off,
    rulebook,
    score,
    search,
    sign_in,
    today,
)
from trackline.workspace.views.accounts import files, filtering, listing, saved

urlpatterns: list[URLPattern | URLResolver] = [
    path("", today.today),
    path("sign-in", sign_in.sign_in),
    path("sign-out", sign_in.sign_out),
    path("book", book.ranked),
    path("book/score", book.score_now),
    path("book/export/<str:ending>", book.export),
    path("panel/standing/<int:pk>", book.why_panel),
    path("", include("trackline.workspace.records.urls")),
    path("accounts", listing.listing),
    path("lists/accounts/columns", listing.columns),
    path("lists/accounts/filter", filtering.fields),
    path("lists/accounts/filter/<str:name>", filtering.field),
    path("lists/accounts/views/new", saved.new),
    path("lists/accounts/views/<int:pk>", saved.change),
    path("lists/accounts/views/<int:pk>/update", saved.update),
    path("lists/accounts/views/<int:pk>/delete", saved.delete),
    path("lists/accounts/export/<str:ending>", files.export),
    path("rulebook", rulebook.rules),
    path("rulebook/<str:rule_id>", rulebook.rule),
    path("rulebook/<str:rule_id>/what-if", rulebook.try_it),
    path("rulebook/<str:rule_id>/adjust", rulebook.adjust),
    path("rulebook/<str:rule_id>/effect", rulebook.effect),
    path("search", search.results),
    path("settings", include("trackline.workspace.views.settings.urls")),
    path("search/palette", search.palette),
    path("bulk/undo/<uuid:batch>", bulk.undo),
    path("bulk/<slug:name>", bulk.fields),
    path("bulk/<slug:name>/delete", bulk.delete),
    path("bulk/<slug:name>/<str:field>", bulk.change),
    path("accounts/new", account_new.new),
    path("accounts/<str:key>", account.overview),
    path("accounts/<str:key>/timeline", account.timeline_page),
    path("accounts/<str:key>/history", account.history_page),
    path("accounts/<str:key>/group", account.group_page),
    path("accounts/<str:key>/scores/<str:rule>", score.score),
    path("panel/score/<int:pk>/<str:rule>", score.panel),
    path("accounts/<str:key>/not-now", putting_off.not_now),
    path("accounts/<str:key>/not-now/back", putting_off.back_now),
    path("accounts/<str:key>/<slug:section>", account.section),
    path("accounts/<str:key>/<slug:section>/<slug:tab>", account.section),
]
