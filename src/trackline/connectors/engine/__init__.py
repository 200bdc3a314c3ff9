"""Engine: drafts become records, in bulk, with the history, rights and rules that every other write has."""
