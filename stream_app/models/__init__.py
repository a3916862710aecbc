"""Model versions of the scorer: found in the registry, verified, compiled, served and reloaded."""
