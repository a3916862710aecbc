"""Closed windows -> Evidently's reports, and what is known of each window, on disk."""
