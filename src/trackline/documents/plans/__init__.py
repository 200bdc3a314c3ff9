"""The account plan: sections that live from the records, and texts that people write."""
