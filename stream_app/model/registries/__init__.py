"""Where a worker learns which version it is to score with, and where that version's files are."""
