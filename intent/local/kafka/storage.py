"""Formats the broker's storage folder, once and atomically."""

import os
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from shutil import copyfile, rmtree
from typing import Final

from contract.errors import StorageFailed
from intent.local.kafka.java import SHORT_LIVED, java
from intent.local.kafka.properties import UNUSED_PORTS, server_properties
from intent.local.kafka.security import BrokerSecurity

DATA: Final = "data"
_NEW: Final = "data.new"
_CHECKPOINT: Final = "bootstrap.checkpoint"


def ensure_formatted(
    folder: Path, jars: Sequence[Path], security: BrokerSecurity | None = None
) -> None:
    """Creates the log directory `folder/data` of a new broker if there is none.

    Kafka's own tool takes a JVM and over a second of processor time. What it writes is the same
    for all brokers of a version but for two ids, unless there are users: the checkpoint with the
    version's features is cached beside the jars.

    Args:
        folder: Folder of the broker.
        jars: Kafka's jars, all in one folder.
        security: Users, whose passwords are in the checkpoint.

    Raises:
        StorageFailed: The folder cannot be written.
    """
    if (folder / DATA).exists():
        return
    new, cached = folder / _NEW, jars[0].parent / _CHECKPOINT
    rmtree(new, ignore_errors=True)
    if security:
        _format(folder, jars, security)
    elif cached.exists():
        _copy_formatted(new, cached)
    else:
        _format(folder, jars)
        _cache_checkpoint(new / _CHECKPOINT, cached)
    new.rename(folder / DATA)


def _copy_formatted(folder: Path, checkpoint: Path) -> None:
    """Writes what the tool writes: the broker's ids, and the features of its version."""
    try:
        folder.mkdir()
        (folder / "meta.properties").write_text(
            f"version=1\ncluster.id={_new_id()}\nnode.id=1\ndirectory.id={_new_id()}\n", "ascii"
        )
        copyfile(checkpoint, folder / _CHECKPOINT)
    except OSError as fault:
        raise StorageFailed(_cannot_format(folder.parent, str(fault.strerror))) from None


def _cache_checkpoint(checkpoint: Path, cached: Path) -> None:
    """Copies atomically. A cache that cannot be written is not used."""
    part = cached.with_name(f"{cached.name}.{os.getpid()}")
    with suppress(OSError):
        copyfile(checkpoint, part)
        part.replace(cached)


def _format(folder: Path, jars: Sequence[Path], security: BrokerSecurity | None = None) -> None:
    """Runs Kafka's tool."""
    properties = folder / "format.properties"
    properties.write_text(server_properties(_NEW, UNUSED_PORTS, security), encoding="ascii")
    tool = java("kafka.tools.StorageTool", jars, *SHORT_LIVED)
    options = [f"--cluster-id={_new_id()}", "--config", properties.name]
    options += security.format_options() if security else []
    done = subprocess.run(
        [*tool, "format", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,  # so that the terminal's Ctrl-C does not reach it
    )
    properties.unlink()
    if done.returncode:
        output = (done.stderr or done.stdout).strip().splitlines()
        raise StorageFailed(_cannot_format(folder, output[0] if output else "no reason given"))


def _new_id() -> str:
    """A Kafka UUID: 128 random bits, base64url without padding."""
    while (text := urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass  # Kafka makes none that its own commands would take for an option
    return text


def _cannot_format(folder: Path, reason: str) -> str:
    return (
        f"cannot format {folder} for Kafka ({reason}): free space there, or set INTENT_DATA_DIR to "
        "another folder"
    )
