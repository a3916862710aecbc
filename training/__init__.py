"""Where models come from: labelled customers in, a champion in the registry out."""
