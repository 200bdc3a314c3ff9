"""Settings: one module a page. Everybody sees what they may; changing what concerns the book needs `track:admin`."""
