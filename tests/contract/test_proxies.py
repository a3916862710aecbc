"""This machine and our own stack are reached without the proxies of the environment."""

import os
from urllib.request import getproxies_environment

import pytest
import requests

from contract.libraries import configure_libraries
from contract.proxies import bypass_proxies, proxy_hint, proxy_variable
from contract.settings import Settings, load
from intent.doctor.result import Status
from intent.doctor.services import check_proxies
from intent.local.settings import LocalSettings
from tests.support.raw_server import OK, raw_server

DEAD = "http://me:hush@127.0.0.1:1"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("no_proxy", "")  # put back after a test that adds to them
    monkeypatch.setenv("NO_PROXY", "")


@pytest.mark.parametrize("exceptions", ["", "localhost", "127.0.0.1,corp.example", "*"])
@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_loopback_needs_no_proxy(
    name: str, exceptions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, DEAD)
    monkeypatch.setenv("no_proxy", exceptions)
    bypass_proxies()
    with raw_server(OK + b"Content-Length: 2\r\n\r\n{}") as address:
        assert requests.get(address, timeout=60).text == "{}"
        assert requests.get(address.replace("127.0.0.1", "localhost"), timeout=60).text == "{}"
    assert exceptions in os.environ["NO_PROXY"]


def test_containers_of_our_stack_need_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", DEAD)
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect:4200/api")
    configure_libraries(load(Settings, mlflow_uri="http://mlflow:5000"))
    for address in ("http://prefect:4200/api", "http://mlflow:5000", "http://localhost:1"):
        assert proxy_variable(address) is None
    assert proxy_variable("http://mlflow.example:5000") == "http_proxy"


@pytest.mark.parametrize(
    "exceptions", ["*", "other.example, *", "mlflow.example", ".example", "mlflow.example:5000"]
)
def test_exceptions_of_the_user_still_apply(
    exceptions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", DEAD)
    monkeypatch.setenv("no_proxy", exceptions)
    bypass_proxies(["http://mlflow:5000"])
    assert proxy_variable("http://user:hush@mlflow.example:5000/api") is None


@pytest.mark.parametrize("name", ["Http_Proxy", "HTTP_proxy", "http_proxy", "HTTP_PROXY"])
def test_a_proxy_is_named_as_its_variable_is_written(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, DEAD)
    assert proxy_variable("http://mlflow.example") == name
    monkeypatch.setenv("http_proxy", DEAD)
    assert proxy_variable("http://mlflow.example") == "http_proxy"


def test_without_proxies_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY")
    bypass_proxies(["http://mlflow:5000"])
    assert getproxies_environment() == {}
    assert "no_proxy" not in os.environ


def test_an_error_names_the_variable_and_no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", DEAD)
    hint = proxy_hint("https://mlflow.example/base")
    assert "of HTTPS_PROXY" in hint
    assert "add mlflow.example to no_proxy" in hint
    assert "hush" not in hint
    assert proxy_hint("http://mlflow.example") == ""


def test_doctor_finds_a_proxy_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(uri: str) -> list[Status]:
        return [each.status for each in check_proxies(load(LocalSettings, mlflow_uri=uri))]

    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert found("http://mlflow.example") == [Status.OK]
    monkeypatch.setenv("http_proxy", DEAD)
    assert found("http://mlflow.example") == [Status.ERROR]
    assert found("https://mlflow.example") == [Status.WARNING]
    with raw_server(b"") as address:
        monkeypatch.setenv("http_proxy", address)
        assert found("http://mlflow.example") == [Status.OK]
