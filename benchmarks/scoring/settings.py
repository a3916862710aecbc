"""Settings of the benchmarks: sizes, repetitions, durations."""

from pydantic import Field

from contract.settings import Settings


class BenchSettings(Settings):
    """Sizes of one run of all benchmarks."""

    bench_records: int = Field(
        1_000_000, description="Records of the backlog that fast contenders drain.", ge=1_000
    )
    bench_runs: int = Field(3, description="Runs of each contender; the page has medians.", ge=1)
    bench_seconds: float = Field(20, description="Seconds of one latency measurement.", ge=1)
