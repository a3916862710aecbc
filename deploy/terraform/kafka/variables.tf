variable "bootstrap" {
  description = "Kafka bootstrap servers, host:port, comma separated."
  type        = string
}

variable "pipeline" {
  description = "Output file of `python -m deploy.cluster json`, if topics or groups have other names than the defaults."
  type        = string
  default     = null
}

variable "replication_factor" {
  description = "Replication factor of new topics. With three, one broker can fail without data loss or downtime."
  type        = number
  default     = 3

  validation {
    condition     = var.replication_factor >= 1
    error_message = "A partition has at least one replica."
  }
}

variable "partitions" {
  description = "Number of partitions by topic, if more than the default are needed (docs/cluster.md). Kafka cannot remove partitions."
  type        = map(number)
  default     = {}
}

variable "topic_config" {
  description = "Topic configuration by topic, in Kafka's names, that overrides the defaults."
  type        = map(map(string))
  default     = {}
}

variable "users" {
  description = "User names by role user (intent-<role>), if they differ from it."
  type        = map(string)
  default     = {}
}

variable "quotas" {
  description = "Client quotas per broker by role user (intent-<role>): bytes per second, percent of a request thread."
  type = map(object({
    producer_byte_rate = optional(number)
    consumer_byte_rate = optional(number)
    request_percentage = optional(number)
  }))
  default = {}
}

variable "delete_topics" {
  description = "Whether `terraform destroy` deletes the topics and their records."
  type        = bool
  default     = false
}

variable "command" {
  description = "Command line of deploy.cluster."
  type        = string
  default     = "python -m deploy.cluster"
}

variable "working_dir" {
  description = "Working directory of the command."
  type        = string
  default     = null
}
