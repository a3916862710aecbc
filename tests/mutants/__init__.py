"""Guarantees taken out of the code, one at a time: the test that holds each must fail."""
