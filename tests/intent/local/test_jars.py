"""The jar cache: fetches, notices damage, shares with other processes, says what to do offline."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contract.errors import BrokerUnreachable
from contract.settings import load
from intent.local.kafka.jar_list import Jar, kafka_version, parse_jars, pinned_jars
from intent.local.kafka.jars import ensure_jars
from intent.local.kafka.pin import jars_without_checksums
from intent.local.settings import LocalSettings
from intent.progress import Advance

SMALL = ("kafka-tools-api", "kafka-group-coordinator-api", "jspecify")


class Progress:
    """Adds up what a download reports."""

    def __init__(self) -> None:
        self.wanted = 0
        self.came = 0

    @contextmanager
    def __call__(self, what: str, size: int) -> Iterator[Advance]:
        assert "Kafka" in what
        self.wanted += size
        yield self._advance

    def _advance(self, count: int) -> None:
        self.came += count


@pytest.fixture(scope="session")
def small() -> list[Jar]:
    return [jar for jar in pinned_jars() if jar.artifact in SMALL]


@pytest.fixture
def cache(tmp_path: Path, small: list[Jar]) -> Path:
    """A cache of a few small jars, copied from the shared one so as to download nothing."""
    shared = load(LocalSettings).cache_dir / f"kafka-{kafka_version(pinned_jars())}"
    ensure_jars(load(LocalSettings).cache_dir)
    folder = tmp_path / "cache" / shared.name
    folder.mkdir(parents=True)
    for jar in small:
        shutil.copy(shared / jar.file_name, folder)
    return tmp_path / "cache"


def test_every_jar_is_pinned_by_version_size_and_sum() -> None:
    jars = pinned_jars()

    assert len(jars) == len({(jar.group, jar.artifact) for jar in jars}) == 46
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in jars)
    assert {jar.version for jar in jars if jar.group == "org.apache.kafka"} == {"4.3.1"}


def test_comments_and_empty_lines_name_no_jar() -> None:
    lines = ["# a comment", "", "some.group:an-artifact:1.2 abc 7"]

    assert list(parse_jars(lines)) == [Jar("some.group", "an-artifact", "1.2", "abc", 7)]


def test_list_can_be_generated_from_mavens_output() -> None:
    lines = [
        "[INFO]    some.group:an-artifact:jar:1.2:runtime",
        "some.group:other:1.3 abc 7",
        "#x:y:1",
    ]

    assert [str(jar) for jar in jars_without_checksums(lines)] == [
        "some.group:an-artifact:1.2",
        "some.group:other:1.3",
    ]


def test_intact_jars_are_not_downloaded_again(cache: Path, small: list[Jar]) -> None:
    progress = Progress()

    paths = ensure_jars(cache, small, progress)

    assert [path.name for path in paths] == [jar.file_name for jar in small]
    assert progress.wanted == 0


def test_a_damaged_jar_of_the_right_size_is_fetched_again(cache: Path, small: list[Jar]) -> None:
    progress = Progress()
    paths = ensure_jars(cache, small, progress)
    whole = paths[0].read_bytes()
    paths[0].write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))

    ensure_jars(cache, small, progress)

    assert paths[0].read_bytes() == whole
    assert progress.came == progress.wanted == len(whole)


def test_jar_with_another_checksum_is_rejected_and_deleted(cache: Path, small: list[Jar]) -> None:
    jar = small[0]
    other = Jar(jar.group, jar.artifact, jar.version, "0" * 64, jar.size)

    with pytest.raises(BrokerUnreachable, match="does not have the pinned SHA-256"):
        ensure_jars(cache / "empty", [other], Progress())

    assert not list((cache / "empty").rglob("*.jar"))


def test_without_a_network_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: list[Jar]
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # nobody listens there

    with pytest.raises(BrokerUnreachable) as failed:
        ensure_jars(tmp_path, small, Progress())

    assert "INTENT_KAFKA_BOOTSTRAP" in str(failed.value)
    assert "\n" not in str(failed.value)


def test_two_concurrent_downloads_both_end_with_intact_jars(
    tmp_path: Path, small: list[Jar]
) -> None:
    fetch = (
        "from pathlib import Path\n"
        "from intent.local.kafka.jars import ensure_jars\n"
        "from intent.local.kafka.jar_list import pinned_jars\n"
        f"jars = [jar for jar in pinned_jars() if jar.artifact in {SMALL}]\n"
        f"ensure_jars(Path({str(tmp_path)!r}), jars)\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", fetch], stderr=subprocess.PIPE) for _ in range(2)
    ]
    output = [process.communicate(timeout=180)[1].decode() for process in both]

    assert [process.returncode for process in both] == [0, 0], output
    fetched = [text for text in output if "downloading" in text]
    assert len(fetched) == 1, "the second has waited for the first"
    assert all(jar.matches_file(tmp_path / "kafka-4.3.1" / jar.file_name) for jar in small)
