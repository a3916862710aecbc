"""Checks of a model version, before an alias moves to it and before it scores."""
