"""Explains a prediction by its features, scored again by its version: `intent explain`."""
