"""The loop: alerts, people and the clock start trainings; what customers do judges the models."""
