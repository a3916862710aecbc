# Topics, rights and quotas of the pipeline on any Kafka. What they are is not said here: the code
# says it (`python -m deploy.cluster json`, kept in pipeline.json), and makes it so. The admin's
# login comes from INTENT_KAFKA_... in Terraform's environment and is never in its state.
# Why no provider of Kafka resources: docs/decisions/0016-cluster.md.

terraform {
  required_version = ">= 1.4"
}

locals {
  pipeline = jsondecode(file(coalesce(var.pipeline, "${path.module}/pipeline.json")))

  document = jsonencode({
    topics = {
      for name, topic in local.pipeline.topics : name => {
        partitions         = lookup(var.partitions, name, topic.partitions)
        replication_factor = var.replication_factor
        config = merge(
          topic.config,
          # an acknowledged record is on more than one disk, and one broker may be away
          var.replication_factor > 2 ? { "min.insync.replicas" = tostring(var.replication_factor - 1) } : {},
          lookup(var.topic_config, name, {}),
        )
      }
    }
    users = {
      for name, user in local.pipeline.users : lookup(var.users, name, name) => {
        grants = user.grants
        quotas = { for quota, value in try(var.quotas[name], {}) : quota => value if value != null }
      }
    }
  })
}

# Applied anew whenever the document changes. It has no end of its own: a change takes nothing away.
resource "terraform_data" "applied" {
  triggers_replace = [local.document, var.bootstrap]

  provisioner "local-exec" {
    command     = "printf '%s' \"$DOCUMENT\" | ${var.command} apply --file /dev/stdin"
    working_dir = var.working_dir
    environment = {
      DOCUMENT               = local.document
      INTENT_KAFKA_BOOTSTRAP = var.bootstrap
    }
  }
}

# Knows at the end what there is to take away. Rights go; topics only where that is allowed.
resource "terraform_data" "made" {
  input = {
    document    = local.document
    bootstrap   = var.bootstrap
    command     = var.command
    working_dir = var.working_dir
    arguments   = var.delete_topics ? "--with-topics" : ""
  }

  provisioner "local-exec" {
    when        = destroy
    command     = "printf '%s' \"$DOCUMENT\" | ${self.input.command} destroy --file /dev/stdin ${self.input.arguments}"
    working_dir = self.input.working_dir
    environment = {
      DOCUMENT               = self.input.document
      INTENT_KAFKA_BOOTSTRAP = self.input.bootstrap
    }
  }

  depends_on = [terraform_data.applied]
}
