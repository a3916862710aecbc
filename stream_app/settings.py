"""Settings of the scorer."""

import os
import socket
from typing import Annotated, Final

from pydantic import Field

from contract.settings import Settings, must_match

REBALANCE_MARGIN: Final = 10.0
"""Seconds that a rebalance may take in addition to the progress timeout."""


class ScorerSettings(Settings):
    """Settings of a worker."""

    scorer_group: str = Field("scorer", description="Consumer group of the workers.", min_length=1)
    worker_id: Annotated[
        str, must_match(r"[a-zA-Z0-9._-]{1,200}", "1 to 200 of the characters a-z A-Z 0-9 . _ -")
    ] = Field(
        default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}",
        description="Name of this worker, unique in its group. A restart under the same name ends "
        "the open transaction of the previous process at once.",
    )
    static_membership: bool = Field(
        False,
        description="Use static membership: partitions stay with a stopped worker for up to the "
        "session timeout, so a restart under the same name causes no rebalance. Otherwise other "
        "workers are assigned its partitions at once.",
    )
    scorer_port: int = Field(
        8001, description="Port of /metrics, /healthz and /readyz.", ge=1, le=65535
    )
    batch_max_records: int = Field(
        10_000, description="Maximum number of records per transaction.", ge=1, le=1_000_000
    )
    model_poll_interval: float = Field(
        5,
        description="How often (seconds) a worker polls the registry for alias changes. A new "
        "champion takes effect within this interval, plus load time if it is not cached locally.",
        ge=0.05,
        le=60,
    )
    shadow_enabled: bool = Field(
        True,
        description="Score the same records with the challenger, or else with the previous "
        "champion, in the champion's shadow, if the registry has such an alias.",
    )
    dead_letter_max_ratio: float = Field(
        0.9,
        description="Ratio of dead letters among recent records at which the worker stops without "
        "committing the last batch, instead of turning the whole topic into dead letters. Null "
        "values, the delete markers of a compacted topic, do not count.",
        gt=0,
        le=1,
    )
    dead_letter_min_records: int = Field(
        1_000,
        description="Minimum number of recent records over which the ratio is computed; 0 disables "
        "the limit.",
        ge=0,
    )
    session_timeout: float = Field(
        10,
        description="Seconds without a heartbeat after which a worker's partitions are assigned to "
        "others. By default, a broker accepts 6 to 1800.",
        ge=1,
        le=1800,
    )
    progress_timeout: float = Field(
        60,
        description="Maximum seconds from reading a batch to its commit, waits for the broker "
        "included; also for how long a partition with unread records may deliver none. After this "
        "time the worker ends itself; after half of it /healthz and /readyz answer 503. For a "
        "worker without an assignment it starts after the longest rebalance: 10 s more than this "
        "timeout, or the session timeout if that is longer. Keep it 10 s above the transaction "
        "timeout, for which the offsets of a killed worker may be held back.",
        ge=1,
    )
    transaction_timeout: float = Field(
        10,
        description="Seconds after which the broker aborts the transaction of a worker that died.",
        ge=1,
        le=900,
    )

    @property
    def longest_rebalance(self) -> float:
        """Seconds for which the group waits for a member that does not rejoin."""
        return max(self.progress_timeout + REBALANCE_MARGIN, self.session_timeout)
