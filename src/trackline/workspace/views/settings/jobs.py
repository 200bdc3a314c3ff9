"""What is done by itself: each job with its rhythm, its next time, how it went, and a way to have it done at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from trackline.kit.jobs.queries import standing
from trackline.kit.jobs.running import bring_forward
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import NotFound
from trackline.workspace.views.settings.frame import draw, saved
from trackline.workspace.web import page


@page(permission=ADMIN)
def jobs(request: HttpRequest, ctx: Context) -> HttpResponse:
    """List the jobs."""
    found = standing(ctx.now)
    context = {"rows": found, "late": any(one.late for one in found)}
    return draw(request, ctx, "jobs", "workspace/settings/jobs.html", context)


@page("POST", permission=ADMIN)
def now(_request: HttpRequest, ctx: Context, name: str) -> HttpResponse:
    """Have the worker do a job at once."""
    found = next((one for one in standing(ctx.now) if one.job.name == name), None)
    if found is None:
        raise NotFound("There is no such job.")
    bring_forward(found.row, ctx.now)
    return saved(ctx, f"{found.job.title}: a worker does it within a minute")
