"""What every stage must agree on: events, topics, settings, Kafka clients, errors."""
