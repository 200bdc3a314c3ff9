"""The sample book: one selling company and its key accounts, the same for the same day, dated relative to it.

`build(today)` returns plain content; `load(ctx, today)` writes it into an empty book through the record services.
What a person reads stands in `stories/`, one file an account; the modules here turn it into records, one noun each.
"""
