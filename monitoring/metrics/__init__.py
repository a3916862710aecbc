"""Prometheus metrics of the monitoring."""
