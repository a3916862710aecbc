"""What is known of a closed window."""
