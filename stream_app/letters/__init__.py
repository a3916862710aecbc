"""Dead letters seen and replayed by a person: `python -m stream_app.letters list|show|replay`."""
