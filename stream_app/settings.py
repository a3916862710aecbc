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

    scorer_group: str = Field(
        "scorer", description="Consumer group of the scorer's workers.", min_length=1
    )
    worker_id: Annotated[
        str, must_match(r"[a-zA-Z0-9._-]{1,200}", "1 to 200 of the characters a-z A-Z 0-9 . _ -")
    ] = Field(
        default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}",
        description="Name of this worker, unique within its group. A restart under the same "
        "name takes over the predecessor's open transaction at once "
        "(`transactional.id`). Default: host name and process id.",
    )
    static_membership: bool = Field(
        False,
        description="Use static group membership: while this worker is down, its partitions are "
        "kept for it until the session timeout. Otherwise they are reassigned at "
        "once.",
    )
    scorer_port: int = Field(
        8001, description="Port of the scorer's /metrics, /healthz and /readyz.", ge=1, le=65535
    )
    batch_max_records: int = Field(
        10_000,
        description="Maximum number of records per batch. Each batch is scored at once and "
        "committed in one transaction.",
        ge=1,
        le=1_000_000,
    )
    model_poll_interval: float = Field(
        5,
        description="How often (seconds) a worker polls the registry for alias changes. A new "
        "champion takes effect within this interval, plus load time if it is not "
        "cached locally.",
        ge=0.05,
        le=60,
    )
    shadow_enabled: bool = Field(
        True,
        description="Score with the challenger, or with the previous champion during a "
        "probation, in shadow of the champion. It has no effect without such an "
        "alias.",
    )
    shadow_max_row_microseconds: float = Field(
        50,
        description="Maximum processor time per row (microseconds) of a shadow that is not "
        "compiled, unless the champion takes as long. It delays every prediction.",
        ge=0,
    )
    dead_letter_max_ratio: float = Field(
        0.9,
        description="Ratio of dead letters among recent records at which the worker stops "
        "without committing its last batch. Null values (tombstones) are not "
        "counted.",
        gt=0,
        le=1,
    )
    dead_letter_min_records: int = Field(
        1_000,
        description="Minimum number of recent records over which the ratio is computed. 0 "
        "disables the limit.",
        ge=0,
    )
    session_timeout: float = Field(
        10,
        description="Kafka session timeout (seconds): without a heartbeat for this long, a "
        "worker's partitions are reassigned. Brokers accept 6 to 1800 by default.",
        ge=1,
        le=1800,
    )
    progress_timeout: float = Field(
        60,
        description="Time limit (seconds) from a batch's arrival to its commit, and for a "
        "partition that has records but delivers none. Beyond it the worker ends "
        "itself; after half of it, /healthz and /readyz answer 503. A worker "
        "without an assignment counts from the end of the longest possible "
        "rebalance: 10 s more than this, or the session timeout if that is longer. "
        "Keep it more than 10 s above the transaction timeout, for which the "
        "offsets of a killed worker can be held back.",
        ge=1,
    )
    transaction_timeout: float = Field(
        10,
        description="Time (seconds) after which the broker aborts the transaction of a dead "
        "worker.",
        ge=1,
        le=900,
    )

    @property
    def longest_rebalance(self) -> float:
        """Seconds for which the group waits for a member that does not rejoin."""
        return max(self.progress_timeout + REBALANCE_MARGIN, self.session_timeout)
