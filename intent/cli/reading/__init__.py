"""A topic's records, for a person or a script to see."""
