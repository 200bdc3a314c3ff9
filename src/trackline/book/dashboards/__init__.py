"""Dashboards: what tiles there are, what each finds of the accounts that count, and how they are arranged."""
