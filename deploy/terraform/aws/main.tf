# Managed Kafka (MSK) and Kubernetes (EKS) on AWS, in a network of yours. Read and formatted by Terraform,
# compared with the provider's arguments, never applied: there was no account (docs/decisions/0016-cluster.md).
# docs/cluster.md has the order of steps.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.70, < 7.0"
    }
  }
}

locals {
  tags = merge(var.tags, { application = var.name })
}

resource "aws_kms_key" "this" {
  description             = "${var.name}: records on disk, secrets of Kubernetes"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = local.tags
}
