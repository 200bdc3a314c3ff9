"""Reads of alerts: which are urgent, which a list asks for, why one fired."""
