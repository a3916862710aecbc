"""The names under which the stages find a model and its reference set in the MLflow registry."""

from typing import Final

CHAMPION: Final = "champion"
"""Alias of the version that scores."""

REFERENCE: Final = "reference/reference.csv"
"""Artifact of a version's run: what drift is measured against.

The columns of `contract.features.FEATURES`, then `Purchased` (0 or 1), `prediction` (0 or 1)
and `probability` (of a purchase), the last two predicted out of fold.
"""
