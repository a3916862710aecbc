"""Applies topics, users, ACLs and quotas to a Kafka cluster, as its admin."""
