"""Templates of decks that a company brings: taken in, kept, chosen."""
