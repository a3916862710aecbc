"""The rows a model is learnt from: the data set, and the stream's labelled customers."""
