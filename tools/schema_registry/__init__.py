"""The contract's schemas over time: what the last release promised, and a Schema Registry."""
