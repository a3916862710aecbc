"""Adopts models that were not trained here: reads, checks and registers them."""
