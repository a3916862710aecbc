"""All benchmarks in one run on one broker."""

import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.scoring import backlog, cold_start, latency, memory, model, pipeline, throughput
from benchmarks.scoring.contender import Contender
from benchmarks.scoring.contender_list import BARE, OURS, PASS, Peer, peers
from benchmarks.scoring.results import Measured, Results, Speed, pooled
from benchmarks.scoring.settings import BenchSettings
from benchmarks.scoring.throughput import Drained
from benchmarks.scoring.warm import kept_warm, warm_up
from contract.errors import PipelineError

log = logging.getLogger(__name__)

STEADY: Final = 10_000
FEW: Final = 100
"""Records a second that still have a transaction each: warms what a lone record meets."""

CURVE: Final = (1_000, 5_000, 20_000, 50_000, 100_000, 150_000, 200_000, 300_000)
SATURATED: Final = 1_000.0
"""Median latency, ms, from which higher rates are not tried."""

SIZES: Final = 3 * (0.1, 0.1, 1.0, 0.1) + (5.0,)
"""Backlogs that are drained in a round, in this order, as multiples of the ordinary one: what takes
but a third of a second varies most, and the machine's own speed changes within seconds.
"""


class Suite:
    """The benchmarks, one method each. `env` is what the peers need to know of the model."""

    def __init__(
        self, settings: BenchSettings, broker: int, env: Mapping[str, str], log_file: Path
    ) -> None:
        self._settings = settings
        self._broker = broker
        self._env = env
        self._log = log_file

    def run(self) -> Results:
        """Everything; the latencies before the backlogs, whose files take long to be gone."""
        started = time.monotonic()
        self._warm_up()
        rounds = range(self._settings.bench_runs)
        with kept_warm(self._broker):
            steady = [self._latency(STEADY, 1.0) for _ in rounds]
            single = pooled([self._latency(1, 5.0) for _ in rounds])
            curve = self._curve(steady[-1])
        again = [cold_start.seconds(OURS, self._settings, self._log, compiled=True) for _ in "123"]
        first = cold_start.seconds(OURS, self._settings, self._log, compiled=False)
        models = model.costs()
        ours, bare, passed, others = self._speeds()
        linear, slow = self._sizes()
        return Results(
            ours=ours,
            bare=bare,
            passed=passed,
            peers=others,
            linear=linear,
            slow_broker=slow,
            starts=(first, median(again)),
            models=models,
            steady=steady,
            single=single,
            curve=curve,
            minutes=(time.monotonic() - started) / 60,
        )

    def _warm_up(self) -> None:
        """Has the broker's code compiled by its virtual machine."""
        settings, count = pipeline.fresh(self._settings), self._settings.bench_records
        backlog.fill(settings, count)
        throughput.drain(OURS, settings, count, self._log)
        pipeline.delete(settings, settings.topic_customers)
        seconds = self._settings.bench_seconds
        warm_up(
            self._broker,
            lambda: latency.measure(OURS, self._settings, STEADY, seconds, self._log),
        )
        latency.measure(OURS, self._settings, FEW, 3 * seconds, self._log)

    def _speeds(self) -> tuple[Speed, Speed, Speed, list[tuple[Peer, Speed]]]:
        settings, count = pipeline.fresh(self._settings), self._settings.bench_records
        backlog.fill(settings, count)
        rivals = peers(self._env)
        runs: dict[str, list[Drained]] = {}
        for _ in range(self._settings.bench_runs):
            for contender in (BARE, OURS, PASS):
                drained = self._drain(contender, settings, count)
                runs.setdefault(contender.name, []).append(drained)
            for peer in rivals:
                share = max(round(count * peer.share), 500)
                drained = self._drain(peer.contender, settings, share)
                runs.setdefault(peer.contender.name, []).append(drained)
        pipeline.delete(settings, settings.topic_customers)
        ours, bare, passed = (Speed(runs[each.name]) for each in (OURS, BARE, PASS))
        return ours, bare, passed, [(peer, Speed(runs[peer.contender.name])) for peer in rivals]

    def _sizes(self) -> tuple[dict[int, Speed], memory.Held]:
        backlogs = {}
        for factor in sorted(set(SIZES)):
            settings, count = pipeline.fresh(self._settings), self._settings.bench_records
            backlogs[factor] = settings, round(factor * count)
            backlog.fill(*backlogs[factor])
        runs: dict[int, list[Drained]] = {}
        for _ in range(self._settings.bench_runs):
            for factor in SIZES:
                settings, count = backlogs[factor]
                runs.setdefault(count, []).append(self._drain(OURS, settings, count))
        largest, _ = backlogs[max(SIZES)]
        seconds = self._settings.bench_seconds
        slow = memory.with_slow_broker(OURS, largest, self._broker, seconds, self._log)
        pipeline.delete(self._settings, *(each.topic_customers for each, _ in backlogs.values()))
        return {count: Speed(drained) for count, drained in runs.items()}, slow

    def _curve(self, steady: Measured) -> Sequence[Measured]:
        found = [steady]
        for rate in CURVE:
            measured = self._latency(rate, 0.4)
            found.append(measured)
            if measured.ours.percentile(50) > SATURATED:
                break
        return sorted(found, key=lambda each: each.ours.rate)

    def _latency(self, rate: float, share: float) -> Measured:
        seconds = self._settings.bench_seconds * share
        passed, ours = (
            latency.measure(contender, self._settings, rate, seconds, self._log)
            for contender in (PASS, OURS)
        )
        log.info(
            "at %d records/s: p50 %.1f, p99 %.1f ms; pass-through %.1f, %.1f ms",
            rate, ours.percentile(50), ours.percentile(99),
            passed.percentile(50), passed.percentile(99),
        )  # fmt: skip
        return Measured(ours, passed)

    def _drain(self, contender: Contender, settings: BenchSettings, count: int) -> Drained:
        try:
            drained = throughput.drain(contender, settings, count, self._log)
        except PipelineError as failure:  # once more, or an hour's figures would be lost to one
            log.warning("%s, once more: %s", contender.name, failure)
            drained = throughput.drain(contender, settings, count, self._log)
        log.info("%s: %d records/s", contender.name, drained.per_second)
        return drained
