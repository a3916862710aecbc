"""The dashboards as code, and what Grafana is given at its start."""
