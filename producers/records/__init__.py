"""Validates and publishes the records of a file or a pipe, for `intent produce`."""
