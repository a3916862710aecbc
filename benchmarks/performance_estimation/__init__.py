"""Compares estimated and measured accuracy on streams that drift."""
