"""How the monitoring starts, ends, and says what is wrong."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from contract import codec, kafka
from contract.folders import locked_folder, writable_folder
from contract.topics import topics
from monitoring.settings import MonitoringSettings
from tests.support.builders import a_customer, eventually, produce
from tests.support.disks import open_files, stalled
from tests.support.monitor import get, monitoring, start, windows


def failure(settings: MonitoringSettings) -> tuple[int, list[str]]:
    """Exit code and standard error of a process that cannot start."""
    with start(settings) as failing:
        try:
            _, said = failing.communicate(timeout=270)
        finally:
            failing.kill()
    return failing.returncode, said.splitlines()


def past_windows(settings: MonitoringSettings, count: int) -> int:
    """Publishes customers of so many windows of the past; returns the start of the first, ms."""
    length = round(settings.window_seconds * 1000)
    first = (round(time.time() * 1000) // length - 2 * count) * length
    customers = [a_customer(event_time=first + number * length) for number in range(count)]
    produce(settings.kafka_bootstrap, settings.topic_customers, map(codec.encode, customers))
    return first


def test_the_page_needs_no_evidently(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\n"
        "import monitoring.live.collector, monitoring.monitor, monitoring.pages.app\n"
        "import monitoring.pages.record_tester, monitoring.pages.server\n"
        "import monitoring.reporting.evaluator\n"
        "from monitoring.reporting.report_store import Shelf\n"
        "Shelf(pathlib.Path(sys.argv[1]), 'm', 1)\n"
        "print('evidently' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.stdout == "False\n", said.stderr


def changed(settings: MonitoringSettings, **changes: object) -> MonitoringSettings:
    return settings.model_copy(update=changes)


def closing_at_once(settings: MonitoringSettings) -> MonitoringSettings:
    """Its windows wait neither for more rows nor for a scorer."""
    return changed(settings, window_max_seconds=settings.window_seconds, prediction_timeout=1)


def test_no_broker_is_one_line_that_says_what_to_do(own: MonitoringSettings) -> None:
    code, said = failure(changed(own, kafka_bootstrap="127.0.0.1:1", kafka_timeout=1))
    assert code == 4
    assert len(said) == 1
    assert "INTENT_KAFKA_BOOTSTRAP" in said[0]


def test_no_champion_is_one_line_that_says_what_to_do(own: MonitoringSettings) -> None:
    code, said = failure(changed(own, model_name="nobody"))
    assert code == 6
    assert len(said) == 1
    assert "intent train" in said[0]


def test_port_already_taken_is_one_line_that_names_it(own: MonitoringSettings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", own.monitoring_port))
        taken.listen()
        code, said = failure(own)
    assert code == 7
    assert len(said) == 1
    assert f"127.0.0.1:{own.monitoring_port}" in said[0]


def test_home_that_cannot_be_written_is_one_line_that_names_it(
    own: MonitoringSettings, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    code, said = failure(changed(own, data_dir=file / "home"))
    assert code == 8
    assert len(said) == 1
    assert str(file) in said[0]


def test_a_second_monitoring_in_the_same_home_is_refused(own: MonitoringSettings) -> None:
    with locked_folder(own.data_dir / "reports", "monitoring"):
        code, said = failure(own)
    assert code == 8
    assert len(said) == 1
    assert "another monitoring runs in" in said[0]


def test_a_disk_that_is_full_while_windows_wait_for_their_report_is_one_line(
    own: MonitoringSettings,
) -> None:
    own = closing_at_once(own)
    kafka.ensure_topics(own, topics(own))
    first = past_windows(own, 10)
    folder = writable_folder(own.data_dir / "reports")
    (folder / f"{first:015d}.part").symlink_to("/dev/full")
    code, said = failure(own)
    assert code == 8
    assert said[-1].startswith("error: cannot write to")
    assert "No space left on device" in said[-1]


def test_a_report_that_never_ends_does_not_hold_up_a_stop(own: MonitoringSettings) -> None:
    own = closing_at_once(own)
    kafka.ensure_topics(own, topics(own))
    first = past_windows(own, 10)
    folder = writable_folder(own.data_dir / "reports")
    pipe = folder / f"{first:015d}.part"
    with stalled(pipe), monitoring(own) as running:
        eventually(lambda: str(pipe) in open_files(running.pid), deadline=60)
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=90)
    assert running.returncode == 10
    assert said.splitlines()[-1].startswith("error: shutdown not complete within 8 s")


def test_it_serves_what_it_sees_and_ends_on_sigterm(own: MonitoringSettings) -> None:
    with monitoring(own) as running:
        value = b'{"Gender": "Male", "Age": 35, "AnnualSalary": 20000}'
        produce(own.kafka_bootstrap, own.topic_customers, [value, b"{", None])
        eventually(lambda: windows(own), deadline=30)
        (window,) = windows(own).values()
        assert (window["rows"], window["joined"], window["result"]) == (1, 0, "too_small")
        assert window["invalid"] == {"malformed_json": 1, "null_value": 1}
        metrics = get(own, "/metrics").decode()
        assert 'intent_window_rows{joined="no"} 1.0' in metrics
        assert 'intent_unjoined_events_total{event="customer"} 1.0' in metrics
        assert own.model_name in get(own, "/").decode()
        running.send_signal(signal.SIGTERM)
        assert running.wait(45) == 0
