"""Dashboards on paper and as pictures, and their figures as files."""
