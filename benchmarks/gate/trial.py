"""Repeats a scenario: a champion, a stream, a candidate, and the gate's decision.

All with the project's own code; the truth is measured on customers that no model has seen.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from benchmarks.drift.streams import frame
from benchmarks.gate.scenarios import Scenario
from contract.schema import CARS
from data.population import DATA_SET, Population, RandomStreams
from training import train
from training.evaluation import log_losses, skill
from training.gate.gate import decide
from training.gate.types import Candidate, Champion, GateDecision, Thresholds
from training.lookback import rows as training_rows
from training.train import TrainingParams, TrainingResult

PARAMS = TrainingParams(
    CARS, "logistic", random_state=20, held_out_ratio=0.25, evaluation_rows=4_000
)
DATA_SET_ROWS = 1_000
TRUE_ROWS = 20_000


@dataclass
class Result:
    """Result of one scenario.

    Attributes:
        promoted: whether, one for each trial.
        gain: log loss of the champion minus that of the candidate, on true labels; likewise.
        accuracy: gained, likewise.
        lookback: rows of the selected lookback, likewise.
        failed: how often each check rejected.
    """

    promoted: list[bool] = field(default_factory=list)
    gain: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    lookback: list[int] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def false_promotions(self) -> float:
        """Share of trials in which a version was promoted that is truly worse."""
        return float(np.mean([yes and gain <= 0 for yes, gain in zip(*self._both, strict=True)]))

    @property
    def missed(self) -> float:
        """Share in which one was rejected whose log loss is truly lower by 0.01 or more."""
        return float(
            np.mean([not yes and gain >= 0.01 for yes, gain in zip(*self._both, strict=True)])
        )

    @property
    def _both(self) -> tuple[list[bool], list[float]]:
        return self.promoted, self.gain


def run(scenario: Scenario, trials: int, seed: int, thresholds: Thresholds) -> Result:
    """Trains `trials` champions and candidates."""
    result = Result()
    for number in range(trials):
        random = np.random.default_rng((seed, number))
        data_set = draw_rows(DATA_SET, DATA_SET_ROWS, random, training_rows.DATA_SET)
        before = stream(Scenario(rows=scenario.rows_before), random, "before")
        champion = train.train(training_rows.concat(data_set, before), PARAMS)
        trained = train.train(
            training_rows.concat(data_set, stream(scenario, random, "now")), PARAMS
        )
        decision = _decide(champion, trained, thresholds)
        truth = draw_rows(scenario.population, TRUE_ROWS, random, training_rows.STREAM)
        actual = truth[CARS.target.name].to_numpy()
        old = train.outputs(champion.model, truth, CARS)
        new = train.outputs(trained.model, truth, CARS)
        result.promoted.append(decision.promote)
        result.gain.append(float((log_losses(actual, old) - log_losses(actual, new)).mean()))
        result.accuracy.append(
            float(((new > 0.5) == actual).mean() - ((old > 0.5) == actual).mean())
        )
        result.lookback.append(trained.rows)
        result.failed.update(_kind(check.name) for check in decision.failed)
    return result


def _decide(
    champion: TrainingResult, trained: TrainingResult, thresholds: Thresholds
) -> GateDecision:
    held_out = trained.held_out
    champion_rows = champion.held_out
    current = Champion(
        "1",
        train.outputs(champion.model, held_out, CARS),
        skill(
            champion_rows[CARS.target.name].to_numpy(),
            train.outputs(champion.model, champion_rows, CARS),
        ),
    )
    candidate = Candidate(
        CARS,
        held_out,
        train.outputs(trained.model, held_out, CARS),
        np.arange(len(held_out)) >= len(held_out) - trained.newest,
        trained.reference,
        row_microseconds=1.0,
    )
    return decide(candidate, current, thresholds)


def stream(scenario: Scenario, random: np.random.Generator, run: str) -> pd.DataFrame:
    """The labelled customers of the stream, the newest last; `run` is part of every id."""
    moved = int(scenario.drifted_share * scenario.rows)
    before = draw_rows(DATA_SET, scenario.rows - moved, random, training_rows.STREAM)
    since = draw_rows(scenario.population, moved, random, training_rows.STREAM)
    flip = random.random(moved) < scenario.flipped
    if scenario.flipped_group:
        flip &= (since[CARS.features[0]] == scenario.flipped_group).to_numpy()
    since = since.assign(
        **{CARS.target.name: np.where(flip, 1 - since[CARS.target.name], since[CARS.target.name])}
    )
    rows = pd.concat([before, since], ignore_index=True)
    return rows.assign(**{training_rows.ID: [f"{run}-{number}" for number in range(len(rows))]})


def draw_rows(
    population: Population, count: int, random: np.random.Generator, source: str
) -> pd.DataFrame:
    """Labelled customers as rows of `training.lookback.rows`."""
    rows = frame(population.sample(count, RandomStreams.spawn(random)))
    rows[training_rows.SOURCE] = source
    rows[training_rows.ID] = [str(number) for number in range(count)]
    rows[training_rows.EVENT_TIME] = 0
    return rows[list(training_rows.columns(CARS))]


def _kind(name: str) -> str:
    return "group" if name.startswith(CARS.features) else name
