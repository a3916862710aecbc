"""The data set: its file, its loader, and the population that it was drawn from."""
