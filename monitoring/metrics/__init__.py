"""Every figure of the monitoring, by the name that it has in Prometheus."""
