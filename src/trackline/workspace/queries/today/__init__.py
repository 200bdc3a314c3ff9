"""Reads of Today: what needs me, or my team, now."""
