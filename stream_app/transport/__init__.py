"""Kafka under the agent: batches of raw messages in, one transaction a batch out."""
