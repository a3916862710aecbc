"""The gate: may a trained version replace the champion? Pure, except for measuring latency."""
