"""The loop on a stage: a stream whose target moves, is poisoned, and whose model is rolled back."""
