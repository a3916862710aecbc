"""What the scorer is told from outside."""

import os
import socket

from pydantic import Field

from contract.settings import Settings


class ScorerSettings(Settings):
    """Settings of the scorer."""

    scorer_group: str = Field(
        "scorer", description="Consumer group that shares the partitions out.", min_length=1
    )
    worker_id: str = Field(
        default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}",
        description="Name of this worker among those of its group; a restart under the same "
        "name takes over the transactions of the one before it at once.",
        pattern=r"^[a-zA-Z0-9._-]{1,200}$",
    )
    scorer_port: int = Field(
        8001, description="Port of the scorer's /metrics, /healthz and /readyz.", ge=1, le=65535
    )
    batch_records: int = Field(
        10_000, description="Most records that are scored in one transaction.", ge=1, le=1_000_000
    )
    transaction_timeout: float = Field(
        10,
        description="Seconds after which the broker aborts the transaction of a dead worker.",
        ge=1,
        le=900,
    )
