"""The drift rule, and what else is used for drift, on the same seeded streams."""
