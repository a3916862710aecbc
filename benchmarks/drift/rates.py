"""Counts of a simulation -> rates with their exact bounds. Pure."""

from scipy.stats import beta, chi2


def upper(count: int, runs: int, confidence: float = 0.95) -> float:
    """One-sided upper bound of a share, 0 to 1 (Clopper and Pearson, Biometrika 26, 1934)."""
    return 1.0 if count >= runs else float(beta.ppf(confidence, count + 1, runs - count))


def lower(count: int, runs: int, confidence: float = 0.95) -> float:
    """One-sided lower bound of a share, 0 to 1."""
    return 1 - upper(runs - count, runs, confidence)


def run_length(alarms: int, windows: int) -> tuple[float, float, float]:
    """Windows for each alarm, with its 95 % interval; infinite where none was seen.

    As if alarms came independently (exact Poisson interval; Garwood, Biometrika 28, 1936).
    """
    few = chi2.ppf(0.025, 2 * alarms) / 2 if alarms else 0.0
    many = chi2.ppf(0.975, 2 * alarms + 2) / 2
    return (
        windows / alarms if alarms else float("inf"),
        windows / many,
        windows / few if few else float("inf"),
    )
