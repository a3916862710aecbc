"""The retraining controller: alerts and requests trigger trainings, live outcomes judge versions.

It reconciles on each tick and keeps no state of its own on disk.
"""
