"""Reads of the account workspace: the head, the overview, and what each section shows beside its tables."""
