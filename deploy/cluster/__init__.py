"""Topics, users, rights and quotas on a Kafka cluster, as an admin makes them."""
