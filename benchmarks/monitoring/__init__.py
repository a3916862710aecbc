"""Measures the throughput of monitoring, and the duration of a report."""
