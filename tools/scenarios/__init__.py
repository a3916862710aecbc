"""Scenarios of the retraining loop on a real stack: target drift, a wrong version, label noise."""
