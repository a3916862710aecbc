"""Stage 2: scores each customer record with the champion and emits to `predictions`."""
