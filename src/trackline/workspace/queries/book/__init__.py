"""The Book page: the ranking, why an account stands where it does, and the ranking as a file."""
