"""The report of the book, monthly or quarterly: facts of a period, as a deck, a PDF, or a workbook with the figures behind."""

from trackline.documents.reports.deck import deck_of
from trackline.documents.reports.facts import Period, report_facts

__all__ = ["Period", "deck_of", "report_facts"]
