"""Whether a closed window differs from the champion's reference set: our rule, docs/drift.md."""
