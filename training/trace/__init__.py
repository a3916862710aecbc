"""From a prediction back to what it came from."""
