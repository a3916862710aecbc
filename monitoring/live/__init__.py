"""What goes on now, for the page: rates, lag, latency, the latest customers and dead letters."""
