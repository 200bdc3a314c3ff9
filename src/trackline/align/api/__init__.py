"""Endpoints of A beyond its records."""

from trackline.align.api import groups, routes, whitespace

ROUTERS = (routes.router, whitespace.router, groups.router)
"""In the order in which the description lists them."""

__all__ = ["ROUTERS"]
