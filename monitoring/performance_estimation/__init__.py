"""Estimates accuracy before outcomes arrive (CBPE). See docs/performance-estimation.md."""
