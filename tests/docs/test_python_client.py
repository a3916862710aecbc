"""The code of docs/how-to/python-client.md, executed while a fake scorer answers."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import intent
from contract import codec
from contract.kafka import ensure_topics
from contract.settings import Settings
from contract.topics import topics
from tests.docs.blocks import ROOT
from tests.support.builders import environment, produce, read_all

PAGE = ROOT / "docs" / "how-to" / "python-client.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@contextmanager
def fake_scorer(settings: Settings) -> Iterator[None]:
    """Answers the first two records."""

    def score() -> None:
        for message in read_all(settings.kafka_bootstrap, settings.topic_customers, until=2):
            event = intent.Prediction(
                id=(message.key() or b"").decode(),
                prediction=1,
                probability=0.9,
                model="car-purchase",
                model_version="1",
                event_time=message.timestamp()[1],
                scored_at=message.timestamp()[1],
                partition=message.partition() or 0,
                offset=message.offset() or 0,
            )
            produce(settings.kafka_bootstrap, settings.topic_predictions, [codec.encode(event)])

    thread = threading.Thread(target=score)
    thread.start()
    yield
    thread.join()


def test_code_of_the_page_does_what_the_page_says(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_topics(settings, topics(settings))
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    names: dict[str, Any] = {}
    with fake_scorer(settings):
        for block in BLOCKS:
            exec(block, names)  # noqa: S102  the page's code
    output = capsys.readouterr().out
    assert "visitor-2 1 0.9" in output
    assert "wrong_type" in output
    assert len(names["request_id"]) == 32
    (outcome,) = read_all(settings.kafka_bootstrap, settings.topic_outcomes, until=1)
    assert outcome.key() == b"visitor-1"
