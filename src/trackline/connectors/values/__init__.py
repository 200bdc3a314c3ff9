"""Values: from the text of a cell to number, date, yes/no, choice or address.

A text that can be read in two ways is never guessed at: it carries both readings, and its column decides (`columns`).
"""
