"""The dead-letter queue (DLQ): lists, shows and redrives dead letters, `intent dead-letters`."""
