"""Reads of the pages of data quality."""
