"""List, show and redrive dead letters: `python -m stream_app.dead_letters`."""
