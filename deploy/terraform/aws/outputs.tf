output "bootstrap" {
  description = "INTENT_KAFKA_BOOTSTRAP, with INTENT_KAFKA_SECURITY_PROTOCOL=SASL_SSL."
  value       = aws_msk_cluster.this.bootstrap_brokers_sasl_scram
}

output "cluster" {
  description = "For `aws eks update-kubeconfig --name`."
  value       = aws_eks_cluster.this.name
}
