"""Time and memory of `intent train` by the number of rows."""
