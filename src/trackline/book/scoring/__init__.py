"""The book, scored: figures collected for all accounts, run through the model in force, kept as a run."""
