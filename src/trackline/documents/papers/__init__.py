"""Written documents: described once as blocks, then drawn as PDF, Word, Markdown or on a page."""
