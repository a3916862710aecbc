"""HTTP server of the monitoring: live page, reports, windows as JSON, metrics and health."""
