"""Tiers: what they promise, tests of a move, decisions, overrides, and what watches over them."""
