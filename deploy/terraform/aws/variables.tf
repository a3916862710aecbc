variable "name" {
  description = "Name of all resources."
  type        = string
  default     = "intent-stream"
}

variable "vpc_id" {
  description = "Id of the VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, each in its own availability zone. Brokers and nodes are distributed over them."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) == 3
    error_message = "Three zones let one fail: three replicas, two of them in sync."
  }
}

variable "kafka_version" {
  description = "Kafka version of MSK."
  type        = string
  default     = "3.8.x"
}

variable "brokers" {
  description = "Number of brokers, a multiple of the number of subnets (docs/sizing.md)."
  type        = number
  default     = 6

  validation {
    condition     = var.brokers % 3 == 0
    error_message = "As many brokers in each of the three zones."
  }
}

variable "broker_type" {
  description = "Instance type of the brokers."
  type        = string
  default     = "kafka.m7g.2xlarge"
}

variable "broker_storage_gb" {
  description = "Disk size of each broker in GiB (docs/sizing.md)."
  type        = number
  default     = 2000
}

variable "closed" {
  description = "Deny access without a matching ACL. Set it after the ACLs of the admin and the roles exist."
  type        = bool
  default     = false
}

variable "login_secret_arns" {
  description = "ARNs of the secrets of the Kafka users."
  type        = list(string)
}

variable "kubernetes_version" {
  description = "Kubernetes version."
  type        = string
  default     = "1.33"
}

variable "nodes" {
  description = "Node groups: instance types and sizes; `scorer`, and one for everything else."
  type        = map(object({ type = string, min = number, max = number }))
  default = {
    scorer = { type = "c7i.2xlarge", min = 1, max = 4 }
    other  = { type = "m7i.xlarge", min = 2, max = 4 }
  }
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
