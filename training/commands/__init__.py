"""What a person asks of the training: a command each."""
