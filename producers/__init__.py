"""Stage 1: publishes records to `customers` and, later, their outcomes to `outcomes`."""
