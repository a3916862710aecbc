"""The simulated drifts: sudden, and the same ones slowly."""

from typing import Final

from data.population import DATA_SET, Population

SLOW: Final = 50
"""Windows over which a slow drift grows."""

SHIFTS: Final = {
    "Age": Population(age_shift=5),
    "AnnualSalary": Population(salary_factor=1.15),
    "Gender": Population(male_ratio=0.65),
}
"""The shifts that must be detected, by shifted column."""


def clean(windows: int) -> list[Population]:
    """Windows without drift."""
    return [DATA_SET] * windows


def slow(to: Population, windows: int = SLOW) -> list[Population]:
    """A drift that is complete in the last window."""
    return [DATA_SET.interpolate(to, (number + 1) / windows) for number in range(windows)]
