"""A login that the broker refuses is reported at once, in one line."""

import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contract import kafka
from contract.errors import AccessDenied, BrokerUnreachable
from contract.settings import Settings
from tests.security.certificates import authority
from tests.support.cluster import Cluster


def test_correct_password_is_accepted_over_tls(cluster: Cluster) -> None:
    kafka.check_broker(cluster.settings(Settings, "scorer"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kafka_password": SecretStr("no")},
        {"kafka_username": "nobody"},
        {"kafka_sasl_mechanism": "PLAIN"},
    ],
    ids=lambda wrong: str(*wrong),
)
def test_a_wrong_login_is_refused_long_before_the_timeout(
    cluster: Cluster, wrong: dict[str, Any]
) -> None:
    settings = cluster.settings(Settings, "scorer", kafka_timeout=30, **wrong)
    started = time.monotonic()
    with pytest.raises(AccessDenied, match=r"rejected the connection .*INTENT_KAFKA_PASSWORD"):
        kafka.check_broker(settings)
    assert time.monotonic() - started < 15


def test_broker_certificate_of_another_authority_is_not_trusted(
    cluster: Cluster, tmp_path: Path
) -> None:
    other, _ = authority(tmp_path, "other")
    settings = cluster.settings(Settings, "scorer", kafka_ca_file=str(other))
    with pytest.raises(AccessDenied, match=r"certificate verify failed"):
        kafka.check_broker(settings)


def test_broker_does_not_answer_without_tls_and_login(cluster: Cluster) -> None:
    settings = Settings(kafka_bootstrap=cluster.bootstrap, kafka_timeout=2)
    with pytest.raises((AccessDenied, BrokerUnreachable)):
        kafka.check_broker(settings)
