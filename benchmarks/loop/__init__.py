"""The loop's timeline as a page and a chart: accuracy over time, with what happened marked."""
