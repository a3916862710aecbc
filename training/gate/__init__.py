"""Whether a trained version may take over: a challenger against the champion. Pure but for speed."""
