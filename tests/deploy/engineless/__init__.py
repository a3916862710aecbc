"""The compose stack where no Docker engine is: its own commands, environments and variables.

Each container of ours becomes a bubblewrap sandbox: what its image has and nothing else, a
read-only root, no capabilities, a user that is not root. All of them are in one network of their
own, in which the compose file's names are known. Redpanda's place is taken by the local Kafka;
PostgreSQL, Prometheus and Alertmanager are Debian's, on the compose file's settings.
"""
