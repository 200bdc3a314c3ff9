"""An account with all below it: what its sections show added up in one currency, and side by side."""
