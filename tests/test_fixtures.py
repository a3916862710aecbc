"""The fixtures themselves: a broker that answers, topics of one's own, exact reads, an end."""

import asyncio

import psutil
import pytest

from contract.codec import encode
from contract.kafka import ensure_topics
from contract.schema import CARS
from contract.settings import Settings
from contract.topics import topics
from tests.support.builders import a_customer, environment, produce, read_all


def test_what_is_written_is_read_back_exactly(settings: Settings) -> None:
    customers = topics(settings).customers
    ensure_topics(settings, [customers])
    records = [a_customer(id=str(number)) for number in range(100)]

    produce(settings.kafka_bootstrap, customers.name, map(encode, records))

    found = read_all(settings.kafka_bootstrap, customers.name)
    assert {CARS.codec.decode_customer(message.value()).id for message in found} == {
        r.id for r in records
    }
    assert len(found) == 100


def test_another_process_gets_the_same_settings(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_the_browser_has_ended_with_its_tests() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()  # Playwright's lives in the tests' own thread
    children = psutil.Process().children(recursive=True)
    assert not [each for each in children if "chrom" in each.name()]
