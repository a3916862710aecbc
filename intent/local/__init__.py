"""Runs the whole pipeline on this machine, on a real Kafka, without Docker."""
