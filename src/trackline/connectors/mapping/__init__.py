"""Mapping: from tables to a plan, and from rows to drafts of records. Pure: no database is asked."""
