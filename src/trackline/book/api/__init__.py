"""Endpoints of the book beyond its records."""

from trackline.book.api import (
    backtest,
    dashboards,
    initiatives,
    portfolio,
    quality,
    ranking,
    readiness,
    risks,
    scenarios,
    scorecards,
    tiers,
    trust,
    whitespace,
)
from trackline.book.api.query import AS_OF, Query

ROUTERS = (
    ranking.router,
    portfolio.router,
    risks.router,
    tiers.router,
    whitespace.router,
    readiness.router,
    initiatives.router,
    backtest.router,
    scorecards.router,
    scenarios.router,
    quality.router,
    trust.router,
    dashboards.router,
)
"""In the order in which the description lists them."""

__all__ = ["AS_OF", "ROUTERS", "Query"]
