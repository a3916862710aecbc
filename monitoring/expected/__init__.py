"""How accurate the champion is, before the labels come and after: docs/expected-accuracy.md."""
