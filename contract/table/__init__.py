"""What the rows are that all of this is about: the cars, or a table of your own."""
