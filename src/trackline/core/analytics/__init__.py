"""Whole books at once: what the exact rules say, computed over arrays. Pure NumPy, arrays in, arrays out."""
