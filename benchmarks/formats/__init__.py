"""Time per row of each model format, in batches of 1,000 and one by one."""
