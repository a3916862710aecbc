"""Encodings of the values of a topic other than plain JSON."""
