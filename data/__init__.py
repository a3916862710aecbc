"""The data set: who the customers are, the file that says so, and how it was made."""
