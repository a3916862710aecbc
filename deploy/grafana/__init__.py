"""Grafana dashboards as code, and Grafana's provisioning files."""
