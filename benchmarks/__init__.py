"""How fast the scorer is, beside a bare loop and beside other frameworks: `make bench`."""
