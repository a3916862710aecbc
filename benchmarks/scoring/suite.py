"""Runs all benchmarks on one broker."""

import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.scoring import backlog, bench_topics, cold_start, latency, memory, model, throughput
from benchmarks.scoring.contender import Contender
from benchmarks.scoring.contender_list import BARE, OURS, PASS, Peer, list_peers
from benchmarks.scoring.results import Measured, Results, Speed, pool_rounds
from benchmarks.scoring.settings import BenchSettings
from benchmarks.scoring.throughput import Drained
from benchmarks.scoring.warm import limit_compiler, warm_up
from contract.errors import PipelineError

log = logging.getLogger(__name__)

STEADY_RATE: Final = 10_000
SINGLE_RATE: Final = 100
"""Rate at which each record still has its own transaction: warms up that path."""

CURVE: Final = (1_000, 5_000, 20_000, 50_000, 100_000, 150_000, 200_000, 300_000)
SATURATED: Final = 1_000.0
"""Median latency in ms from which on higher rates are not measured."""

SIZES: Final = 3 * (0.1, 0.1, 1.0, 0.1) + (5.0,)
"""Backlogs of a round, in this order, as multiples of the normal one. Small ones take a third of a
second and vary most, and the machine's own speed changes within seconds.
"""


class Suite:
    """The benchmarks, one method each. `env` has the environment variables of the peers."""

    def __init__(
        self, settings: BenchSettings, broker: int, env: Mapping[str, str], log_file: Path
    ) -> None:
        self._settings = settings
        self._broker = broker
        self._env = env
        self._log = log_file

    def run(self) -> Results:
        """Runs everything: latencies before backlogs, whose files take long to be deleted."""
        started = time.monotonic()
        self._warm_up()
        rounds = range(self._settings.bench_runs)
        with limit_compiler(self._broker):
            steady = [self._latency(STEADY_RATE, 1.0) for _ in rounds]
            single = pool_rounds([self._latency(1, 5.0) for _ in rounds])
            curve = self._curve(steady[-1])
        again = [
            cold_start.measure_start(OURS, self._settings, self._log, compiled=True) for _ in "123"
        ]
        first = cold_start.measure_start(OURS, self._settings, self._log, compiled=False)
        models = model.measure_costs()
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
        """Makes the broker's virtual machine compile its code."""
        settings, count = bench_topics.create_topics(self._settings), self._settings.bench_records
        backlog.write_backlog(settings, count)
        throughput.drain(OURS, settings, count, self._log)
        bench_topics.delete_topics(settings, settings.topic_customers)
        seconds = self._settings.bench_seconds
        warm_up(
            self._broker,
            lambda: latency.measure(OURS, self._settings, STEADY_RATE, seconds, self._log),
        )
        latency.measure(OURS, self._settings, SINGLE_RATE, 3 * seconds, self._log)

    def _speeds(self) -> tuple[Speed, Speed, Speed, list[tuple[Peer, Speed]]]:
        settings, count = bench_topics.create_topics(self._settings), self._settings.bench_records
        backlog.write_backlog(settings, count)
        contenders = list_peers(self._env)
        runs: dict[str, list[Drained]] = {}
        for _ in range(self._settings.bench_runs):
            for contender in (BARE, OURS, PASS):
                drained = self._drain(contender, settings, count)
                runs.setdefault(contender.name, []).append(drained)
            for peer in contenders:
                share = max(round(count * peer.share), 500)
                drained = self._drain(peer.contender, settings, share)
                runs.setdefault(peer.contender.name, []).append(drained)
        bench_topics.delete_topics(settings, settings.topic_customers)
        ours, bare, passed = (Speed(runs[each.name]) for each in (OURS, BARE, PASS))
        return ours, bare, passed, [(peer, Speed(runs[peer.contender.name])) for peer in contenders]

    def _sizes(self) -> tuple[dict[int, Speed], memory.MemoryUse]:
        backlogs = {}
        for factor in sorted(set(SIZES)):
            settings, count = (
                bench_topics.create_topics(self._settings),
                self._settings.bench_records,
            )
            backlogs[factor] = settings, round(factor * count)
            backlog.write_backlog(*backlogs[factor])
        runs: dict[int, list[Drained]] = {}
        for _ in range(self._settings.bench_runs):
            for factor in SIZES:
                settings, count = backlogs[factor]
                runs.setdefault(count, []).append(self._drain(OURS, settings, count))
        largest, _ = backlogs[max(SIZES)]
        seconds = self._settings.bench_seconds
        slow = memory.with_slow_broker(OURS, largest, self._broker, seconds, self._log)
        bench_topics.delete_topics(
            self._settings, *(each.topic_customers for each, _ in backlogs.values())
        )
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
            "measured latency: rate=%d p50_ms=%.1f p99_ms=%.1f pass_through_p50_ms=%.1f "
            "pass_through_p99_ms=%.1f",
            rate, ours.percentile(50), ours.percentile(99),
            passed.percentile(50), passed.percentile(99),
        )  # fmt: skip
        return Measured(ours, passed)

    def _drain(self, contender: Contender, settings: BenchSettings, count: int) -> Drained:
        try:
            drained = throughput.drain(contender, settings, count, self._log)
        except (
            PipelineError
        ) as failure:  # once more: one failure must not discard an hour of results
            log.warning("repeating contender=%s error=%s", contender.name, failure)
            drained = throughput.drain(contender, settings, count, self._log)
        log.info(
            "measured throughput: contender=%s records_per_second=%d",
            contender.name,
            drained.per_second,
        )
        return drained
