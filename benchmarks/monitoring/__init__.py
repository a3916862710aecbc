"""How fast the monitoring reads, and what a report costs."""
