"""A real single-node Apache Kafka in a child process, with nothing to install by hand."""
