"""The public package: command line, doctor and local runner."""
