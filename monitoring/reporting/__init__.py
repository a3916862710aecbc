"""Compares closed windows with the reference set, writes Evidently's reports and the index."""
