"""The rulebook on the book's own data: what administrators changed, and what that does."""
