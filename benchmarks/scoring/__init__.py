"""The scorer on a backlog and on a schedule, beside yardsticks and peers."""
