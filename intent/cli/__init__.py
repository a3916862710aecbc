"""The command `intent`: one command line for everything. It has no logic of the stages' own."""
