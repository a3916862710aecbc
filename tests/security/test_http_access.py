"""Pages and metrics answer whoever knows the token; probes need none."""

import base64
import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from contract.errors import BadSetting
from contract.http_access import AccessPolicy
from contract.process import serve_metrics
from contract.settings import Settings, load
from intent.local.network import http_get
from tests.support.ports import free_ports

GUARD = AccessPolicy(SecretStr("s3cret:with:colons"))


def basic(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


@pytest.mark.parametrize(
    "given",
    ["Bearer s3cret:with:colons", "bearer s3cret:with:colons", basic("me:s3cret:with:colons")],
)
def test_token_is_accepted_as_bearer_and_as_password(given: str) -> None:
    assert GUARD.is_authorized("/metrics", given)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer s3cret",
        "Bearer s3cret:with:colons2",
        "s3cret:with:colons",
        basic("s3cret:with:colons"),
        basic("me:"),
        "Basic s3cret:with:colons",
        "Basic \xff",
        "Bearer \xff",
        "Digest s3cret:with:colons",
    ],
)
def test_other_credentials_are_rejected(given: str | None) -> None:
    assert not GUARD.is_authorized("/metrics", given)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_token(path: str) -> None:
    assert GUARD.is_authorized(path, None)


@pytest.mark.parametrize("path", ["/healthz/", "/healthz/../metrics", "//healthz", "/HEALTHZ"])
def test_paths_similar_to_a_probe_need_the_token(path: str) -> None:
    assert not GUARD.is_authorized(path, None)


def test_without_a_token_everything_is_readable() -> None:
    assert AccessPolicy().is_authorized("/metrics", None)


def test_a_stage_without_a_web_server_guards_its_metrics_too() -> None:
    (port,) = free_ports("127.0.0.1", 1)
    stop = serve_metrics(CollectorRegistry(), "127.0.0.1", port, AccessPolicy(SecretStr("t")))
    try:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5)
        assert refused.value.code == 401
        assert refused.value.headers["WWW-Authenticate"].startswith("Basic")
        refused.value.close()
        assert http_get("127.0.0.1", port, "/metrics", token="t") is not None  # noqa: S106
        assert http_get("127.0.0.1", port, "/metrics", token="u") is None  # noqa: S106
    finally:
        stop()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "scorer"])  # noqa: S104
def test_public_host_needs_a_token_or_explicit_anonymous_access(host: str) -> None:
    with pytest.raises(BadSetting, match="INTENT_LISTEN_TOKEN"):
        load(Settings, listen_host=host)
    load(Settings, listen_host=host, listen_token=SecretStr("t"))
    load(Settings, listen_host=host, listen_allow_anonymous=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    load(Settings, listen_host=host)
