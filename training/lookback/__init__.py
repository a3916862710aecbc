"""Training data: the data set and the stream's labelled customers, and how far back to look."""
