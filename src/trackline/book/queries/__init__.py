"""Figures of the whole book, in its own currency, as of a day. Each module answers one question in a fixed number of queries.

`scoped` decides what is counted: somebody with the account scope `team` reads the figures of the accounts they see.
"""
