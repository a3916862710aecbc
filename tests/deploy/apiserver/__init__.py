"""The chart on a real Kubernetes API server: `make test-kubernetes`. No part of `make test`."""
