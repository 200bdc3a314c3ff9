"""Endpoints of the documents beyond their records."""

from trackline.documents.api import papers, plans, sharing, templates

ROUTERS = (papers.router, plans.router, sharing.router, templates.router)
"""In the order in which the description lists them."""

__all__ = ["ROUTERS"]
