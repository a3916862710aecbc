"""What the monitoring answers over HTTP: the live page, reports, windows, metrics, health."""
