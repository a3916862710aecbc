"""The drift rule: whether a closed window differs from the reference set. See docs/drift.md."""
