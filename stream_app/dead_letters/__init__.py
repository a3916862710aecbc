"""The command that lists, shows and redrives dead letters."""
