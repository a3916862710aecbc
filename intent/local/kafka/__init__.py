"""A single-node Apache Kafka in a child process; needs no manual installation."""
