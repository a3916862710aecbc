"""Checks whether this machine, and the services that the settings name, can run the pipeline."""
