"""Views of records: one module a concern."""
