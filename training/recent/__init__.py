"""Labelled customers of the stream: read, joined with their outcomes, and how far back they count."""
