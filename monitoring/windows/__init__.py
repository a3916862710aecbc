"""Events -> windows of event time, joined on the id. Pure: no clock, no Kafka."""
