"""Traces a prediction to its model version, run, data and trigger: `intent trace`."""
