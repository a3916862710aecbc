"""Stage 3: windows the topics, compares each window with the reference set, and alerts."""
