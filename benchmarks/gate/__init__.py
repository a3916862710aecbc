"""How often the gate is wrong: worse versions promoted, better versions rejected."""
