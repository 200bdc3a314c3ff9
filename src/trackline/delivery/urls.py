"""Root addresses: the pages, and the API."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("trackline.workspace.urls")),
]
