"""A version in the registry -> what scores a batch: found, checked, compiled if that is exact."""
