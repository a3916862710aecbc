"""The stream as it is now, for the live page: rates, lag, latency, recent records, dead letters."""
