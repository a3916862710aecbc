"""What the monitoring answers over HTTP."""
