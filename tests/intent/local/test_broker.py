"""The local broker's life: start, stop, a taken port, a sudden end, a restart, a killed parent."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from contract.codec import encode
from contract.errors import PortTaken, StorageFailed, WorkerFailed
from contract.folders import writable_folder
from contract.kafka import check_broker, ensure_topics
from contract.settings import Settings, load
from contract.topics import topics
from intent.local.kafka.broker import LocalBroker
from intent.local.kafka.jars import ensure_jars
from intent.local.kafka.storage import ensure_formatted
from intent.local.settings import LocalSettings
from tests.support.builders import a_customer, eventually, produce, read_all


@pytest.fixture
def broker(tmp_path: Path) -> LocalBroker:
    return LocalBroker(tmp_path / "broker", load(LocalSettings).cache_dir, tmp_path / "broker.log")


def test_a_restarted_broker_has_its_records_still_on_another_port(broker: LocalBroker) -> None:
    def settings() -> Settings:
        return load(Settings, kafka_bootstrap=broker.bootstrap)

    customers = topics(load(Settings)).customers
    with broker:
        first = broker.bootstrap
        ensure_topics(settings(), [customers])
        produce(first, customers.name, [encode(a_customer(id=str(n))) for n in range(1000)])
    with broker:
        assert len(read_all(broker.bootstrap, customers.name)) == 1000
        broker.process._process.kill()
    with broker:  # a killed one too
        assert len(read_all(broker.bootstrap, customers.name)) == 1000


@pytest.mark.alone
def test_the_broker_stops_within_five_seconds_with_clients_connected(broker: LocalBroker) -> None:
    with broker:
        settings = load(Settings, kafka_bootstrap=broker.bootstrap)
        check_broker(settings)
        ensure_topics(settings, topics(settings))
        produce(broker.bootstrap, settings.topic_customers, [encode(a_customer())] * 100)
        read_all(broker.bootstrap, settings.topic_customers)
        asked = time.monotonic()
    assert time.monotonic() - asked < 5
    assert broker.process.exit_code == 143, "a clean end on SIGTERM, not a kill"


def test_topics_are_not_created_by_requests_for_metadata(broker: LocalBroker) -> None:
    with broker, pytest.raises(AssertionError, match=r"not take all|UNKNOWN_TOPIC"):
        produce(broker.bootstrap, "no-such-topic", [b"x"], deadline=1)


def test_port_in_use_is_reported_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        broker = LocalBroker(
            tmp_path / "broker", load(LocalSettings).cache_dir, tmp_path / "log", port
        )
        with pytest.raises(PortTaken, match=str(port)):
            broker.launch()
    assert not list(tmp_path.iterdir())


def test_broker_that_dies_at_start_is_reported_immediately(broker: LocalBroker) -> None:
    broker.launch()
    os.kill(broker.process.pid, signal.SIGKILL)

    with pytest.raises(WorkerFailed, match="broker was killed by signal 9"):
        broker.wait()


def test_broker_with_unreadable_data_is_reported_with_its_log(
    broker: LocalBroker, tmp_path: Path
) -> None:
    (tmp_path / "broker" / "data").mkdir(parents=True)  # never formatted

    with pytest.raises(WorkerFailed, match=r"broker exited with code 1: .*meta\.properties"):
        broker.__enter__()


def test_folder_without_write_permission_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    broker = LocalBroker(tmp_path / "file" / "x", load(LocalSettings).cache_dir, tmp_path / "log")

    with pytest.raises(StorageFailed, match="INTENT_DATA_DIR"):
        broker.launch()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes children of a killed parent")
def test_the_broker_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time\n"
            "from pathlib import Path\n"
            "from intent.local.kafka.broker import LocalBroker\n"
            "from intent.local.settings import LocalSettings\n"
            f"root = Path({str(tmp_path)!r})\n"
            "broker = LocalBroker(root / 'broker', LocalSettings().cache_dir, root / 'log')\n"
            "broker.launch()\n"
            "print(broker.process.pid, flush=True)\n"
            "time.sleep(60)\n",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        child = psutil.Process(pid)
        parent.kill()
    eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 5)


def test_folder_that_cannot_be_formatted_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "bootstrap.checkpoint").touch()  # beside the jars
    (tmp_path / "data.new").touch()  # as good as a disk that takes nothing more
    with pytest.raises(StorageFailed, match=f"{tmp_path} .*INTENT_DATA_DIR"):
        ensure_formatted(tmp_path, [tmp_path / "kafka.jar"])
    assert not (tmp_path / "data").exists()


def test_broker_that_is_formatted_from_the_cache_has_all_features_of_its_version(
    tmp_path: Path,
) -> None:
    folder = writable_folder(tmp_path / "jars")  # of which no broker was formatted yet
    jars = [folder / jar.name for jar in ensure_jars(load(LocalSettings).cache_dir)]
    for jar, original in zip(jars, ensure_jars(load(LocalSettings).cache_dir), strict=True):
        jar.symlink_to(original)
    ensure_formatted(writable_folder(tmp_path / "tool"), jars)
    ensure_formatted(writable_folder(tmp_path / "cache"), jars)
    by_tool, from_cache = ((tmp_path / name / "data") for name in ("tool", "cache"))
    assert {file.name for file in by_tool.iterdir()} == {file.name for file in from_cache.iterdir()}
    checkpoint = (from_cache / "bootstrap.checkpoint").read_bytes()
    assert b"transaction.version" in checkpoint
    assert checkpoint == (by_tool / "bootstrap.checkpoint").read_bytes()
