"""Whether a trained version may take over from the champion. Pure, but for its speed."""
