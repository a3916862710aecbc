"""What a version must be to score: checked before an alias moves to it, and before it serves."""
