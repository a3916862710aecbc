"""What is measured: figures for the docs, from commands with a seed; never part of a timed test."""
