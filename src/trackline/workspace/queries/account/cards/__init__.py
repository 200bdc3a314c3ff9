"""Scores of an account as cards: what stands, what it hangs on, what is missing and where to add it."""
