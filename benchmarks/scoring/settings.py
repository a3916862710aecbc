"""What the benchmarks are told from outside: how large, how often, how long."""

from pydantic import Field

from contract.settings import Settings


class BenchSettings(Settings):
    """Sizes of one run of all benchmarks."""

    bench_records: int = Field(
        1_000_000, description="Records of a backlog that the quick contenders drain.", ge=1_000
    )
    bench_runs: int = Field(3, description="Runs of each contender; medians are told.", ge=1)
    bench_seconds: float = Field(
        20, description="Seconds that one latency measurement takes.", ge=1
    )
