"""What the scorer is told from outside."""

import os
import socket
from typing import Annotated, Final

from pydantic import Field

from contract.settings import Settings, must_match

REBALANCE_MARGIN: Final = 10.0
"""Seconds that a rebalance may take beyond the progress timeout."""


class ScorerSettings(Settings):
    """Settings of the scorer."""

    scorer_group: str = Field(
        "scorer", description="Consumer group that shares the partitions out.", min_length=1
    )
    worker_id: Annotated[
        str, must_match(r"[a-zA-Z0-9._-]{1,200}", "1 to 200 of the characters a-z A-Z 0-9 . _ -")
    ] = Field(
        default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}",
        description="Name of this worker among those of its group; a restart under the same "
        "name takes over the transactions of the one before it at once.",
    )
    static_membership: bool = Field(
        False,
        description="Keep this worker's partitions for it while it is away, for up to the session "
        "timeout: a restart under the same name then moves nobody's partitions. Otherwise others "
        "take them at once.",
    )
    scorer_port: int = Field(
        8001, description="Port of the scorer's /metrics, /healthz and /readyz.", ge=1, le=65535
    )
    batch_max_records: int = Field(
        10_000, description="Most records that are scored in one transaction.", ge=1, le=1_000_000
    )
    model_poll_interval: float = Field(
        5,
        description="Seconds between two looks at the registry's aliases: the longest that a "
        "worker scores with a version that is no longer champion, but for the time that a version "
        "takes to load which it does not know.",
        ge=0.05,
        le=60,
    )
    shadow_enabled: bool = Field(
        True,
        description="Whether the challenger, or the champion before, scores the same records in "
        "the champion's shadow, where the registry has such an alias.",
    )
    dead_letter_max_ratio: float = Field(
        0.9,
        description="Share of dead letters among the last records at which the worker stops, with "
        "nothing of the last batch committed, rather than drain the topic into dead letters. Null "
        "values, a compacted topic's delete markers, do not count.",
        gt=0,
        le=1,
    )
    dead_letter_min_records: int = Field(
        1_000, description="How many last records that share is of, at least; 0 never stops.", ge=0
    )
    session_timeout: float = Field(
        10,
        description="Seconds without a heartbeat after which a worker's partitions are given to "
        "others. A broker takes 6 to 1800, unless it is told otherwise.",
        ge=1,
        le=1800,
    )
    progress_timeout: float = Field(
        60,
        description="Seconds that a batch may take, from its records' arrival to the commit, waits "
        "for the broker included, and seconds for which a partition may have records to read and "
        "deliver none. After that the worker ends itself; after half of it /healthz and /readyz "
        "answer 503. A worker without an assignment counts from the end of the longest rebalance: "
        "10 s more than this, or the session timeout if that is longer. Keep it above the "
        "transaction timeout and 10 s: for so long the offsets of a killed worker may be held "
        "back.",
        ge=1,
    )
    transaction_timeout: float = Field(
        10,
        description="Seconds after which the broker aborts the transaction of a dead worker.",
        ge=1,
        le=900,
    )

    @property
    def longest_rebalance(self) -> float:
        """Seconds for which the group waits for a member that does not rejoin."""
        return max(self.progress_timeout + REBALANCE_MARGIN, self.session_timeout)
