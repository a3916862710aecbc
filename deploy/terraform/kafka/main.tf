# Topics, ACLs and quotas of the pipeline on any Kafka cluster. pipeline.json is generated from the code
# (`python -m deploy.cluster json`), and `python -m deploy.cluster apply` applies it. The admin's login
# comes from INTENT_KAFKA_* variables in Terraform's environment and is not stored in its state.
# Why this uses no Terraform provider for Kafka: docs/decisions/0016-cluster.md.

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
          # acknowledged records are on two disks at least, and one broker may be down
          var.replication_factor > 2 ? { "min.insync.replicas" = tostring(var.replication_factor - 1) } : {},
          lookup(var.topic_config, name, {}),
        )
      }
    }
    users = {
      for name, user in local.pipeline.users : lookup(var.users, name, name) => {
        acls   = user.acls
        quotas = { for quota, value in try(var.quotas[name], {}) : quota => value if value != null }
      }
    }
  })
}

# Applied again when the document changes. Destroying this resource changes nothing on the cluster.
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

# Destroying this resource deletes the ACLs and quotas, and the topics if delete_topics is true.
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
