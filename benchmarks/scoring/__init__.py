"""The scorer on a backlog and on a schedule, compared with baselines and peers."""
