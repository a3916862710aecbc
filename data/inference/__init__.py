"""A CSV file -> the schema that describes it, with what was seen and what could not be decided."""
