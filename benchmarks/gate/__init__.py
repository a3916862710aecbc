"""How often the gate is wrong: versions promoted that are worse, and refused that are better."""
