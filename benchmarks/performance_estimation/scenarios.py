"""Simulated drifts: covariate shift and concept shift."""

from typing import Final

from data.population import DATA_SET, Population

COVARIATE: Final = {
    "nothing": DATA_SET,
    "age +5": Population(age_shift=5),
    "age +10": Population(age_shift=10),
    "age -5": Population(age_shift=-5),
    "salary +15 %": Population(salary_factor=1.15),
    "salary +30 %": Population(salary_factor=1.3),
    "gender 65/35": Population(male_ratio=0.65),
    "age +5, salary +15 %, gender 65/35": Population(0.65, 5, 1.15),
}
"""Other customers with the same behaviour: the estimate must hold."""

CONCEPT: Final = {
    f"concept shift {shift:g}": Population(concept_shift=shift) for shift in (0.5, 1, 2, 4)
}
"""The same customers, who buy less (in log-odds): the estimate cannot hold."""
