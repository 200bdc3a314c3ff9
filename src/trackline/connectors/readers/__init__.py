"""Readers: from files people bring to tables of rows. No knowledge of accounts or contacts lives here.

`read_paths` opens files, folders and archives; each `Table` streams its rows as often as asked.
"""

from trackline.connectors.readers.files import matches, read_paths
from trackline.connectors.readers.tables import Cell, Limits, Reading, ReadProblem, Row, Table, Unread

__all__ = ["Cell", "Limits", "ReadProblem", "Reading", "Row", "Table", "Unread", "matches", "read_paths"]
