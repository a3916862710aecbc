"""Each a program that drains `customers` into `predictions` until it is stopped."""
