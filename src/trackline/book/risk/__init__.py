"""Accounts at risk: what is known of each, as of a day, and what the stand-up said."""
