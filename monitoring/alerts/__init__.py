"""Drift -> alerts on the topic `alerts`, one when an episode begins and one when it ends."""
