"""Simulates drift detectors on the same seeded streams."""
