"""Kafka transport of the scorer: batches of raw messages in, one transaction per batch out."""
