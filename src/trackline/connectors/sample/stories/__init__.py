"""Content of the sample book: one file an account."""
