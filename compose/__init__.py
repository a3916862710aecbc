"""Every way of standing the stack up."""
