"""Tiers as their pages, panels and files show them."""
