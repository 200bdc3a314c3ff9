"""Pages of the import: start, columns, check, result. Decisions live in `sessions`, meaning in `services`."""
