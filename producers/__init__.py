"""Stage 1: publishes customers to `customers` and, later, what they did to `outcomes`."""
