"""Lists, shows and redrives dead letters: `intent dead-letters`."""
