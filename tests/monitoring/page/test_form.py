"""Who may publish from the page, and what is said to the others."""

import json
import threading
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from contract import codec
from contract.errors import InvalidRecord
from contract.events import CustomerRecord
from contract.features import CATEGORICAL, FEATURES, NUMERICAL
from contract.settings import load
from monitoring.pages.fields import Given, fields, record
from monitoring.pages.form import AT_ONCE, LARGEST
from monitoring.pages.guard import refusal
from monitoring.pages.trial import Answer, NoAnswer
from monitoring.settings import MonitoringSettings
from tests.support.builders import a_customer, eventually
from tests.support.pages import NOTHING, Client, client

ORIGIN = "http://localhost:8002"
OURS = {"host": "localhost:8002", "origin": ORIGIN, "content-type": "application/json"}


def verdict(headers: dict[str, str], **settings: Any) -> int:
    """Status of the refusal, 0 if there is none."""
    refused = refusal(load(MonitoringSettings, **settings), headers)
    return refused.status if refused else 0


def post(own: Client, body: str = "{}", **headers: str) -> tuple[int, dict[str, Any]]:
    """As our page does it."""
    origin = f"http://127.0.0.1:{own.port}"
    named = {"Origin": origin, "Content_Type": "application/json", **headers}
    status, text, _ = own.ask("POST", "/records", body, **named)
    return status, json.loads(text)


def ordinary() -> Given:
    """What is filled in for an ordinary customer."""
    given = msgspec.json.decode(codec.encode(a_customer()))
    return {name: given[name] for name in FEATURES}


def test_our_own_page_on_this_machine_may_publish() -> None:
    assert verdict(OURS) == 0


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://localhost:8002.evil.example"}, 403),
        ({"origin": "http://localhost:9999"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"host": ""}, 403),
        ({"host": "", "origin": ""}, 403),
        ({"host": "evil.example:8002", "origin": "http://evil.example:8002"}, 403),  # rebound
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_another_page_may_not(changed: dict[str, str], status: int) -> None:
    assert verdict({**OURS, **changed}) == status


def test_it_can_be_switched_off_and_says_by_what() -> None:
    refused = refusal(load(MonitoringSettings, test_records_enabled=False), OURS)
    assert refused is not None
    assert refused.status == 403
    assert "INTENT_TEST_RECORDS_ENABLED" in refused.words


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "stream.example"])  # noqa: S104
def test_beyond_this_machine_a_token_is_needed(host: str) -> None:
    refused = refusal(load(MonitoringSettings, listen_host=host, listen_allow_anonymous=True), OURS)
    assert refused is not None
    assert refused.status == 403
    assert "INTENT_LISTEN_TOKEN" in refused.words
    assert verdict(OURS, listen_host=host, listen_token="right") == 0, "it was asked for before"  # noqa: S106


def test_the_page_says_why_it_has_no_form() -> None:
    with client(listen_host="0.0.0.0", listen_allow_anonymous=True) as own:  # noqa: S104
        _, page = own.get("/")
        assert "INTENT_LISTEN_TOKEN" in page
        assert 'id="try"' not in page
        assert post(own)[0] == 403


def test_a_refused_record_is_never_published() -> None:
    published: list[Given] = []

    def run(given: Given) -> Answer:
        published.append(given)
        return Answer("page-1", "{}", 0, 0, 0.01)

    with client(replace(NOTHING, answer=run)) as own:
        assert post(own, Origin="http://evil.example")[0] == 403
        assert own.ask("POST", "/records", "{}")[0] == 403
        assert not published
        assert post(own, '{"a": 1}')[0] == 200
    assert published == [{"a": 1}]


@pytest.mark.parametrize("body", ["", "[]", "{", "\ud800".encode("utf-8", "replace").decode()])
def test_what_is_no_record_is_told_so(body: str) -> None:
    with client() as own:
        status, answer = post(own, body)
    assert status == 400
    assert "no record" in answer["error"]


def test_what_is_too_large_is_not_read_to_its_end() -> None:
    with client() as own:
        status, answer = post(own, " " * (LARGEST + 1))
    assert status == 400
    assert "larger" in answer["error"]


def test_no_answer_in_time_is_told_with_what_to_do() -> None:
    def none(_: Given) -> Answer:
        raise NoAnswer("see whether a scorer runs")

    with client(replace(NOTHING, answer=none)) as own:
        assert post(own) == (504, {"error": "see whether a scorer runs"})


def test_a_few_at_a_time_are_let_in() -> None:
    go = threading.Event()
    inside: list[Given] = []

    def slow(given: Given) -> Answer:
        inside.append(given)
        go.wait(60)
        return Answer("page-1", "{}", 0, 0, 0.01)

    with client(replace(NOTHING, answer=slow)) as own:
        waiting = [threading.Thread(target=post, args=(own,)) for _ in range(AT_ONCE)]
        for each in waiting:
            each.start()
        eventually(lambda: len(inside) == AT_ONCE)
        assert post(own)[0] == 429
        go.set()
        for each in waiting:
            each.join()
        assert post(own)[0] == 200


def test_the_form_has_a_field_for_each_feature_made_from_the_contract() -> None:
    known = {field.name: field for field in fields()}
    assert [*known] == [*FEATURES]
    assert all(known[name].choices for name in CATEGORICAL)
    assert all(not known[name].choices for name in NUMERICAL)
    assert all(known[name].least is not None for name in NUMERICAL)


def test_what_is_filled_in_becomes_a_record_of_the_contract() -> None:
    value = record({**ordinary(), "id": "mine", "unknown": EVIL_KEY}, "page-1")
    found = codec.decode_customer(value)
    assert found == CustomerRecord(found.gender, found.age, found.annual_salary, id="page-1")
    assert EVIL_KEY.encode() not in value


EVIL_KEY = "never published"


@pytest.mark.parametrize("value", [None, "", "much", -1, 1e300, [], {}])
def test_a_field_that_does_not_fit_is_named(value: object) -> None:
    name = NUMERICAL[0]
    with pytest.raises(InvalidRecord) as fault:
        record({**ordinary(), name: value}, "page-1")
    assert name in fault.value.detail
