"""Two scrapes of the stages -> the figures that a user looks at."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from intent.local.scrape import Samples, increase, quantile

RECENT: Final = 5.0
"""Seconds over which a rate and a latency are taken."""

LAG: Final = "intent_scorer_lag"
LATENCY: Final = "intent_scorer_latency_seconds"


@dataclass(frozen=True)
class Latency:
    """Seconds from a record's creation to its committed prediction; None while there is none."""

    p50: float | None
    p99: float | None


@dataclass(frozen=True)
class Figures:
    """One moment of the pipeline.

    Rate (records a second) and latency are of the last seconds, `overall` the latency since the
    scorer started; `drift` goes from 0 (none) to 1 (complete); lag is None while it is unknown.
    """

    sent: int
    invalid: int
    outcomes: int
    scored: int
    dead_letters: int
    rate: float
    latency: Latency
    overall: Latency
    lag: int | None
    drift: float
    model: str


@dataclass(frozen=True)
class _Moment:
    at: float
    answered: float
    latency: dict[float, float]


class Meter:
    """Remembers the last few scrapes, so that it can tell rates."""

    def __init__(self) -> None:
        self._moments: deque[_Moment] = deque()
        self._simulator = Samples()

    def figures(self, simulator: Samples, scorer: Samples, now: float) -> Figures:
        """The figures at `now`, in seconds on any clock that only goes forward."""
        if simulator.values:  # one that has sent all is gone, and what it has sent stays true
            self._simulator = simulator
        simulator = self._simulator
        answered = scorer.total("intent_scorer_records_total")
        moment = _Moment(now, answered, scorer.buckets(LATENCY))
        if scorer.known("intent_scorer_records_total"):
            self._remember(moment)
        first = self._moments[0] if self._moments else moment
        seconds = moment.at - first.at
        return Figures(
            sent=int(simulator.total("intent_simulator_records_total")),
            invalid=int(simulator.total("intent_simulator_records_total", kind="invalid")),
            outcomes=int(simulator.total("intent_simulator_outcomes_total")),
            scored=int(scorer.total("intent_scorer_records_total", result="scored")),
            dead_letters=int(scorer.total("intent_scorer_records_total", result="dead_letter")),
            rate=(answered - first.answered) / seconds if seconds else 0.0,
            latency=_latency(increase(moment.latency, first.latency)),
            overall=_latency(moment.latency),
            lag=int(scorer.total("intent_scorer_lag"))
            if scorer.known("intent_scorer_lag")
            else None,
            drift=simulator.total("intent_simulator_drift_ratio"),
            model=_model(scorer),
        )

    def _remember(self, moment: _Moment) -> None:
        self._moments.append(moment)
        while len(self._moments) > 2 and moment.at - self._moments[1].at >= RECENT:
            self._moments.popleft()


def _latency(buckets: dict[float, float]) -> Latency:
    return Latency(quantile(0.5, buckets), quantile(0.99, buckets))


def _model(scorer: Samples) -> str:
    """Name and version of the champion that scores."""
    found = (labels for labels, value in scorer.matching("intent_scorer_model_info") if value)
    labels = next(found, None)
    return f"{labels['model']} {labels['version']}" if labels else ""
