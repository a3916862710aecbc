"""The registry's aliases -> the models that score: watched, loaded, switched between batches."""
