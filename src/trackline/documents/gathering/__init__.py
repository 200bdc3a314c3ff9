"""The facts of an account, or of a group, as a document tells them: read once at a moment, JSON-ready, frozen by keeping them."""

from trackline.documents.gathering.facts import Facts, facts_of, group_facts

__all__ = ["Facts", "facts_of", "group_facts"]
