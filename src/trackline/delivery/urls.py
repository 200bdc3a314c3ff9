"""Root addresses: the pages, and the API."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from trackline.delivery import jobs
from trackline.delivery.api.urls import nowhere

jobs.register_all()

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("trackline.delivery.api.urls")),
    re_path("^api(?:/.*)?$", nowhere),
    path("", include("trackline.connectors.urls")),
    path("", include("trackline.workspace.urls")),
]
