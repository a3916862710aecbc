"""What other encodings than JSON cost the scorer."""
