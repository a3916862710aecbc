"""One scenario, many times: a champion, a stream, a challenger, and what the gate says of it.

All by the project's own code; the truth is measured on customers that nobody has seen.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from benchmarks.drift.streams import frame
from benchmarks.gate.scenarios import Scenario
from contract.schema import CARS
from data.population import DATA_SET, Chance, Population
from training import train
from training.gate.bounds import Bounds
from training.gate.decision import Decision
from training.gate.evidence import Champion, Evidence
from training.gate.gate import judge
from training.losses import log_losses, skill
from training.recent import rows as row_file
from training.train import Told, Trained

TOLD = Told("logistic", random_state=20, held_out_ratio=0.25, evaluation_rows=4_000)
DATA_SET_ROWS = 1_000
TRUE_ROWS = 20_000


@dataclass
class Result:
    """Of one scenario.

    Attributes:
        promoted: whether, one for each trial.
        gain: by how much the challenger's log loss is truly lower, likewise; on true labels.
        accuracy: gained, likewise.
        learnt: rows that were learnt from, likewise.
        failed: how often each check refused.
    """

    promoted: list[bool] = field(default_factory=list)
    gain: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    learnt: list[int] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def false(self) -> float:
        """Share of trials in which a version was promoted that is truly worse."""
        return float(np.mean([yes and gain <= 0 for yes, gain in zip(*self._both, strict=True)]))

    @property
    def missed(self) -> float:
        """Share in which one was refused whose log loss is truly lower by 0.01 or more."""
        return float(
            np.mean([not yes and gain >= 0.01 for yes, gain in zip(*self._both, strict=True)])
        )

    @property
    def _both(self) -> tuple[list[bool], list[float]]:
        return self.promoted, self.gain


def run(scenario: Scenario, trials: int, seed: int, bounds: Bounds) -> Result:
    """That many fresh champions and challengers."""
    result = Result()
    for number in range(trials):
        random = np.random.default_rng((seed, number))
        data_set = drawn(DATA_SET, DATA_SET_ROWS, random, row_file.DATA_SET)
        known = stream(Scenario(rows=scenario.known), random, "before")
        champion = train.learn(row_file.together(data_set, known), TOLD)
        trained = train.learn(row_file.together(data_set, stream(scenario, random, "now")), TOLD)
        decision = _judged(champion, trained, bounds)
        truth = drawn(scenario.population, TRUE_ROWS, random, row_file.STREAM)
        actual = truth[CARS.target.name].to_numpy()
        old = train.probabilities(champion.model, truth)
        new = train.probabilities(trained.model, truth)
        result.promoted.append(decision.promote)
        result.gain.append(float((log_losses(actual, old) - log_losses(actual, new)).mean()))
        result.accuracy.append(
            float(((new > 0.5) == actual).mean() - ((old > 0.5) == actual).mean())
        )
        result.learnt.append(trained.rows)
        result.failed.update(_kind(check.name) for check in decision.failed)
    return result


def _judged(champion: Trained, trained: Trained, bounds: Bounds) -> Decision:
    held_out = trained.held_out
    own = champion.held_out
    best = Champion(
        "1",
        train.probabilities(champion.model, held_out),
        skill(own[CARS.target.name].to_numpy(), train.probabilities(champion.model, own)),
    )
    evidence = Evidence(
        held_out,
        train.probabilities(trained.model, held_out),
        np.arange(len(held_out)) >= len(held_out) - trained.newest,
        trained.reference,
        microseconds=1.0,
    )
    return judge(evidence, best, bounds)


def stream(scenario: Scenario, random: np.random.Generator, run: str) -> pd.DataFrame:
    """The labelled customers of the stream, the newest last; `run` is part of every id."""
    moved = int(scenario.since * scenario.rows)
    before = drawn(DATA_SET, scenario.rows - moved, random, row_file.STREAM)
    since = drawn(scenario.population, moved, random, row_file.STREAM)
    flip = random.random(moved) < scenario.flipped
    if scenario.of:
        flip &= (since[CARS.features[0]] == scenario.of).to_numpy()
    since = since.assign(
        **{CARS.target.name: np.where(flip, 1 - since[CARS.target.name], since[CARS.target.name])}
    )
    rows = pd.concat([before, since], ignore_index=True)
    return rows.assign(**{row_file.ID: [f"{run}-{number}" for number in range(len(rows))]})


def drawn(
    population: Population, count: int, random: np.random.Generator, source: str
) -> pd.DataFrame:
    """Labelled customers as `training.recent.rows` has them."""
    rows = frame(population.sample(count, Chance.of(random)))
    rows[row_file.SOURCE] = source
    rows[row_file.ID] = [str(number) for number in range(count)]
    rows[row_file.EVENT_TIME] = 0
    return rows[list(row_file.COLUMNS)]


def _kind(name: str) -> str:
    return "group" if name.startswith(CARS.features) else name
