"""Keeping an installation alive: schema upgrades, static files, backup, restore and the self-check."""
