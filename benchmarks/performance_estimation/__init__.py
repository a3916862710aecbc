"""Expected accuracy beside the measured one, on streams that drift."""
