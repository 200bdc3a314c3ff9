"""Root addresses: each room's urls under its own prefix, the API, and the liveness probe."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path


@login_not_required
def alive(request: HttpRequest) -> HttpResponse:
    """Answers 200 while the process serves; asks neither database nor sign-in."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", alive, name="alive"),
]
