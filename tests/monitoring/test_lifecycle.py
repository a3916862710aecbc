"""How monitoring starts and stops, and which errors it reports."""

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
from tests.support.builders import a_customer, eventually, log_of, produce
from tests.support.disks import open_files, stalled_file
from tests.support.monitor import closed_windows, get_page, monitoring_process, start_monitoring


def run_failing(settings: MonitoringSettings) -> tuple[int, list[str]]:
    """Runs a process that cannot start; returns exit code and lines of standard error."""
    with start_monitoring(settings) as failing:
        try:
            code = failing.wait(270)
        finally:
            failing.kill()
        return code, log_of(failing).splitlines()


def publish_past_windows(settings: MonitoringSettings, count: int) -> int:
    """Publishes customers of `count` past windows; returns the start of the first, ms."""
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
        "import monitoring.reporting.window_evaluator\n"
        "from contract.schema.cars import CARS\n"
        "from monitoring.reporting.report_store import ReportStore\n"
        "ReportStore(pathlib.Path(sys.argv[1]), 'm', 1, CARS)\n"
        "print('evidently' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.stdout == "False\n", process.stderr


def changed(settings: MonitoringSettings, **changes: object) -> MonitoringSettings:
    return settings.model_copy(update=changes)


def without_waiting(settings: MonitoringSettings) -> MonitoringSettings:
    """Settings with which windows wait neither for more rows nor for a scorer."""
    return changed(settings, window_max_seconds=settings.window_seconds, prediction_timeout=1)


def test_no_broker_is_one_line_that_says_what_to_do(
    monitoring_settings: MonitoringSettings,
) -> None:
    code, lines = run_failing(
        changed(monitoring_settings, kafka_bootstrap="127.0.0.1:1", kafka_timeout=1)
    )
    assert code == 4
    assert len(lines) == 1
    assert "INTENT_KAFKA_BOOTSTRAP" in lines[0]


def test_no_champion_is_one_line_that_says_what_to_do(
    monitoring_settings: MonitoringSettings,
) -> None:
    code, lines = run_failing(changed(monitoring_settings, model_name="nobody"))
    assert code == 6
    assert len(lines) == 1
    assert "intent train" in lines[0]


def test_port_already_taken_is_one_line_that_names_it(
    monitoring_settings: MonitoringSettings,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", monitoring_settings.monitoring_port))
        taken.listen()
        code, lines = run_failing(monitoring_settings)
    assert code == 7
    assert len(lines) == 1
    assert f"127.0.0.1:{monitoring_settings.monitoring_port}" in lines[0]


def test_data_dir_that_cannot_be_written_is_one_line_that_names_it(
    monitoring_settings: MonitoringSettings, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    code, lines = run_failing(changed(monitoring_settings, data_dir=file / "data"))
    assert code == 8
    assert len(lines) == 1
    assert str(file) in lines[0]


def test_a_second_monitoring_in_the_same_data_dir_is_rejected(
    monitoring_settings: MonitoringSettings,
) -> None:
    with locked_folder(monitoring_settings.data_dir / "reports", "monitoring"):
        code, lines = run_failing(monitoring_settings)
    assert code == 8
    assert len(lines) == 1
    assert "another monitoring runs in" in lines[0]


def test_a_disk_that_is_full_while_windows_wait_for_their_report_is_one_line(
    monitoring_settings: MonitoringSettings,
) -> None:
    monitoring_settings = without_waiting(monitoring_settings)
    kafka.ensure_topics(monitoring_settings, topics(monitoring_settings))
    first = publish_past_windows(monitoring_settings, 10)
    folder = writable_folder(monitoring_settings.data_dir / "reports")
    (folder / f"{first:015d}.part").symlink_to("/dev/full")
    code, lines = run_failing(monitoring_settings)
    assert code == 8
    assert lines[-1].startswith("error: cannot write to")
    assert "No space left on device" in lines[-1]


def test_a_report_that_never_ends_does_not_hold_up_a_stop(
    monitoring_settings: MonitoringSettings,
) -> None:
    monitoring_settings = without_waiting(monitoring_settings)
    kafka.ensure_topics(monitoring_settings, topics(monitoring_settings))
    first = publish_past_windows(monitoring_settings, 10)
    folder = writable_folder(monitoring_settings.data_dir / "reports")
    pipe = folder / f"{first:015d}.part"
    with stalled_file(pipe), monitoring_process(monitoring_settings) as running:
        eventually(lambda: str(pipe) in open_files(running.pid), deadline=60)
        running.send_signal(signal.SIGTERM)
        assert running.wait(90) == 10
        lines = log_of(running).splitlines()
    assert lines[-1].startswith("error: shutdown not complete within 8 s")


def test_it_serves_windows_and_metrics_and_stops_on_sigterm(
    monitoring_settings: MonitoringSettings,
) -> None:
    with monitoring_process(monitoring_settings) as running:
        value = b'{"Gender": "Male", "Age": 35, "AnnualSalary": 20000}'
        produce(
            monitoring_settings.kafka_bootstrap,
            monitoring_settings.topic_customers,
            [value, b"{", None],
        )
        eventually(lambda: closed_windows(monitoring_settings), deadline=30)
        (window,) = closed_windows(monitoring_settings).values()
        assert (window["rows"], window["joined"], window["result"]) == (1, 0, "too_small")
        assert window["invalid"] == {"malformed_json": 1, "null_value": 1}
        metrics = get_page(monitoring_settings, "/metrics").decode()
        assert 'intent_window_rows{joined="no"} 1.0' in metrics
        assert 'intent_unjoined_events_total{event="customer"} 1.0' in metrics
        assert monitoring_settings.model_name in get_page(monitoring_settings, "/").decode()
        running.send_signal(signal.SIGTERM)
        assert running.wait(45) == 0
