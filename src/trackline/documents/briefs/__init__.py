"""Briefs: a page or two on one question about an account, in seconds, out of the same facts as plan and review."""

from trackline.documents.briefs.making import BRIEFS, brief_json, brief_of

__all__ = ["BRIEFS", "brief_json", "brief_of"]
