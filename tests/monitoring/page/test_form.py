"""Who may publish a test record from the page, and the errors of the form."""

import json
import threading
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from contract import codec
from contract.errors import InvalidRecord
from contract.schema import CARS
from contract.schema.cars import CustomerRecord
from contract.settings import load
from monitoring.pages.form import MAX_BODY_BYTES, MAX_CONCURRENT, check_request
from monitoring.pages.form_fields import FormValues, encode_form_record, form_fields
from monitoring.pages.record_tester import NoResult, RecordResult
from monitoring.settings import MonitoringSettings
from tests.support.builders import a_customer, eventually
from tests.support.pages import EMPTY_PAGE_DATA, Client, page_client

ORIGIN = "http://localhost:8002"
PAGE_HEADERS = {"host": "localhost:8002", "origin": ORIGIN, "content-type": "application/json"}


def denial_status(headers: dict[str, str], **settings: Any) -> int:
    """Returns the status of the denial, 0 if the request is accepted."""
    denial = check_request(load(MonitoringSettings, **settings), headers)
    return denial.status if denial else 0


def post(client: Client, body: str = "{}", **headers: str) -> tuple[int, dict[str, Any]]:
    """Posts a record as the page does."""
    origin = f"http://127.0.0.1:{client.port}"
    page_headers = {"Origin": origin, "Content_Type": "application/json", **headers}
    status, text, _ = client.ask("POST", "/records", body, **page_headers)
    return status, json.loads(text)


def valid_values() -> FormValues:
    """Returns the form's values for a valid customer."""
    customer = msgspec.json.decode(codec.encode(a_customer()))
    return {name: customer[name] for name in CARS.features}


def test_the_page_itself_may_publish_on_loopback() -> None:
    assert denial_status(PAGE_HEADERS) == 0


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
def test_a_request_of_another_page_is_denied(changed: dict[str, str], status: int) -> None:
    assert denial_status({**PAGE_HEADERS, **changed}) == status


def test_disabled_form_names_its_setting() -> None:
    denial = check_request(load(MonitoringSettings, test_records_enabled=False), PAGE_HEADERS)
    assert denial is not None
    assert denial.status == 403
    assert "INTENT_TEST_RECORDS_ENABLED" in denial.message


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "stream.example"])  # noqa: S104
def test_beyond_loopback_a_token_is_required(host: str) -> None:
    settings = load(MonitoringSettings, listen_host=host, listen_allow_anonymous=True)
    denial = check_request(settings, PAGE_HEADERS)
    assert denial is not None
    assert denial.status == 403
    assert "INTENT_LISTEN_TOKEN" in denial.message
    with_token = denial_status(PAGE_HEADERS, listen_host=host, listen_token="right")  # noqa: S106
    assert with_token == 0, "the guard has checked the token before"


def test_a_page_without_form_shows_the_reason() -> None:
    with page_client(listen_host="0.0.0.0", listen_allow_anonymous=True) as client:  # noqa: S104
        _, page = client.get("/")
        assert "INTENT_LISTEN_TOKEN" in page
        assert 'id="record-form"' not in page
        assert post(client)[0] == 403


def test_a_denied_record_is_never_published() -> None:
    published: list[FormValues] = []

    def publish(values: FormValues) -> RecordResult:
        published.append(values)
        return RecordResult("page-1", "{}", 0, 0, 0.01)

    with page_client(replace(EMPTY_PAGE_DATA, test_record=publish)) as client:
        assert post(client, Origin="http://evil.example")[0] == 403
        assert client.ask("POST", "/records", "{}")[0] == 403
        assert not published
        assert post(client, '{"a": 1}')[0] == 200
    assert published == [{"a": 1}]


@pytest.mark.parametrize("body", ["", "[]", "{", "\ud800".encode("utf-8", "replace").decode()])
def test_a_body_that_is_no_json_object_is_an_error(body: str) -> None:
    with page_client() as client:
        status, answer = post(client, body)
    assert status == 400
    assert "not a JSON object" in answer["error"]


def test_a_body_that_is_too_large_is_not_read_to_its_end() -> None:
    with page_client() as client:
        status, answer = post(client, " " * (MAX_BODY_BYTES + 1))
    assert status == 400
    assert "larger" in answer["error"]


def test_a_missing_result_is_an_error_that_says_what_to_do() -> None:
    def fail(_: FormValues) -> RecordResult:
        raise NoResult("check that a worker is running")

    with page_client(replace(EMPTY_PAGE_DATA, test_record=fail)) as client:
        assert post(client) == (504, {"error": "check that a worker is running"})


def test_the_number_of_concurrent_test_records_is_limited() -> None:
    finish = threading.Event()
    started: list[FormValues] = []

    def wait(values: FormValues) -> RecordResult:
        started.append(values)
        finish.wait(60)
        return RecordResult("page-1", "{}", 0, 0, 0.01)

    with page_client(replace(EMPTY_PAGE_DATA, test_record=wait)) as client:
        threads = [threading.Thread(target=post, args=(client,)) for _ in range(MAX_CONCURRENT)]
        for thread in threads:
            thread.start()
        eventually(lambda: len(started) == MAX_CONCURRENT)
        assert post(client)[0] == 429
        finish.set()
        for thread in threads:
            thread.join()
        assert post(client)[0] == 200


def test_the_form_has_a_field_for_each_feature_of_the_schema() -> None:
    fields = {field.name: field for field in form_fields(CARS)}
    assert [*fields] == [*CARS.features]
    assert all(fields[name].choices for name in CARS.categorical)
    assert all(not fields[name].choices for name in CARS.numerical)
    assert all(fields[name].minimum is not None for name in CARS.numerical)


def test_values_of_the_form_become_a_customer_record() -> None:
    values = {**valid_values(), "id": "mine", "unknown": "never published"}
    value = encode_form_record(values, "page-1", CARS)
    customer: Any = CARS.codec.decode_customer(value)
    assert customer == CustomerRecord(
        customer.gender, customer.age, customer.annual_salary, id="page-1"
    )
    assert b"never published" not in value


@pytest.mark.parametrize("value", [None, "", "much", -1, 1e300, [], {}])
def test_a_value_that_does_not_match_the_schema_is_named(value: object) -> None:
    name = CARS.numerical[0]
    with pytest.raises(InvalidRecord) as fault:
        encode_form_record({**valid_values(), name: value}, "page-1", CARS)
    assert name in fault.value.detail
