"""Infrastructure as code, and the administration of a cluster."""
