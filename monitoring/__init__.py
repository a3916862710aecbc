"""Stage 3: windows the topics, compares each window with the champion's reference, and tells."""
