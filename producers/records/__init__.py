"""A file's or a pipe's records, checked against the contract, published."""
