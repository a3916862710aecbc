"""Looks whether this machine, and what the settings name, can run the pipeline."""
