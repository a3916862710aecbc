"""Raw messages -> encoded predictions and dead letters. Pure."""
