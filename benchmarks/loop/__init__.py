"""The timeline of the retraining scenarios as a page and a chart."""
