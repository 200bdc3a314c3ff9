"""Addresses of the pages. A page's own parts stand under its address."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from trackline.workspace.views import sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in", sign_in.sign_in),
    path("sign-out", sign_in.sign_out),
]
