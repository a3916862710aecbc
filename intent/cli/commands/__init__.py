"""One module per command: its options, its help, and a call of the function that does the work."""
