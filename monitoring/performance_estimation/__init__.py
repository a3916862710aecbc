"""Estimates accuracy before labels arrive (CBPE): docs/performance-estimation.md."""
