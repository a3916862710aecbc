"""The registry's champion -> what scores a batch, compiled where that is exact."""
