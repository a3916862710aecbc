"""The stack in real containers: `make test-docker`. No part of `make test`."""
