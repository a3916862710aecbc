variable "name" {
  description = "Name of everything that is made."
  type        = string
  default     = "intent-stream"
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, each in a zone of its own; brokers and nodes are spread over them."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) == 3
    error_message = "Three zones let one fail: three replicas, two of them in sync."
  }
}

variable "kafka_version" {
  description = "Version of MSK's Kafka."
  type        = string
  default     = "3.8.x"
}

variable "brokers" {
  description = "Brokers, a multiple of the subnets; docs/sizing.md says how many."
  type        = number
  default     = 6

  validation {
    condition     = var.brokers % 3 == 0
    error_message = "As many brokers in each of the three zones."
  }
}

variable "broker_type" {
  description = "Kind of broker."
  type        = string
  default     = "kafka.m7g.2xlarge"
}

variable "broker_storage_gb" {
  description = "Disk of each broker; docs/sizing.md says how much."
  type        = number
  default     = 2000
}

variable "closed" {
  description = "Refuse whoever has no rights. Set it once the admin and the roles have theirs."
  type        = bool
  default     = false
}

variable "login_secret_arns" {
  description = "Secrets of the users who log in to Kafka."
  type        = list(string)
}

variable "kubernetes_version" {
  description = "Version of Kubernetes."
  type        = string
  default     = "1.33"
}

variable "nodes" {
  description = "Group to its kind of node and how many: `scorer`, and one for all else."
  type        = map(object({ type = string, min = number, max = number }))
  default = {
    scorer = { type = "c7i.2xlarge", min = 1, max = 4 }
    other  = { type = "m7i.xlarge", min = 2, max = 4 }
  }
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}
