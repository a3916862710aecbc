output "topics" {
  description = "Topic to its partitions."
  value       = { for name, topic in jsondecode(local.document).topics : name => topic.partitions }
}

output "users" {
  description = "The users who have rights; their passwords are made with `python -m deploy.cluster user`."
  value       = keys(jsondecode(local.document).users)
}
