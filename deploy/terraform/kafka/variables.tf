variable "bootstrap" {
  description = "Kafka's bootstrap servers, host:port, comma separated."
  type        = string
}

variable "pipeline" {
  description = "File that `python -m deploy.cluster json` wrote, where topics or groups have other names than the default ones."
  type        = string
  default     = null
}

variable "replication_factor" {
  description = "Replicas of each partition of a topic that is made. Three let a broker fail without loss or standstill."
  type        = number
  default     = 3

  validation {
    condition     = var.replication_factor >= 1
    error_message = "A partition has at least one replica."
  }
}

variable "partitions" {
  description = "Topic to its partitions, where more are needed (docs/cluster.md). Kafka adds partitions and never takes one away."
  type        = map(number)
  default     = {}
}

variable "topic_config" {
  description = "Topic to settings in Kafka's names that differ from the topic map's."
  type        = map(map(string))
  default     = {}
}

variable "users" {
  description = "intent-<role> to the user's name on this Kafka, where it has another."
  type        = map(string)
  default     = {}
}

variable "quotas" {
  description = "intent-<role> to what it may take of each broker: bytes a second, percent of a request thread."
  type = map(object({
    producer_byte_rate = optional(number)
    consumer_byte_rate = optional(number)
    request_percentage = optional(number)
  }))
  default = {}
}

variable "delete_topics" {
  description = "Let `terraform destroy` delete the topics, and all that is in them."
  type        = bool
  default     = false
}

variable "command" {
  description = "How to start the command of this repository."
  type        = string
  default     = "python -m deploy.cluster"
}

variable "working_dir" {
  description = "Where to start it."
  type        = string
  default     = null
}
