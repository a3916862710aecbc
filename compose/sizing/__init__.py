"""How much of everything a rate of records takes, and what it costs."""
