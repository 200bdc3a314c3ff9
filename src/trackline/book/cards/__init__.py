"""Scorecards: what their metrics read, how they are judged, what is kept of them, and who answers for a breach."""
