"""Logins with OAuth tokens at a broker that verifies them: from an issuer, and from a file."""

import logging
import os
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition
from pydantic import SecretStr

from contract import kafka, kafka_oauth
from contract.errors import AccessDenied, BadSetting, BrokerUnreachable
from contract.kafka_security import kafka_python_admin
from contract.partition_watch import producer_ids
from contract.settings import Settings, load
from deploy.cluster.roles import USER
from tests.security.issuer import SECRET, Issuer
from tests.support.builders import eventually
from tests.support.cluster import Cluster

SCORER = USER.format(role="scorer")

LIFETIME = 8
"""Seconds of a token that is renewed during a test."""


def with_issuer(cluster: Cluster, issuer: Issuer, lifetime: int = 0, **changes: Any) -> Settings:
    given = {
        "kafka_sasl_mechanism": "OAUTHBEARER",
        "kafka_oauth_token_url": issuer.url + (f"?lifetime={lifetime}" if lifetime else ""),
        "kafka_username": SCORER,
        "kafka_password": SecretStr(SECRET),
        **changes,
    }
    return cluster.settings(Settings, "scorer", **given)


def with_file(cluster: Cluster, file: Path, **changes: Any) -> Settings:
    return cluster.settings(
        Settings,
        "scorer",
        kafka_sasl_mechanism="OAUTHBEARER",
        kafka_oauth_token_file=str(file),
        kafka_username="",
        kafka_password=SecretStr(""),
        **changes,
    )


@pytest.fixture
def reader(cluster: Cluster, issuer: Issuer) -> Iterator[Consumer]:
    """A client of the scorer whose tokens live for `LIFETIME` seconds."""
    settings = with_issuer(cluster, issuer, LIFETIME)
    kafka.check_broker(settings)
    consumer = kafka.create_consumer(settings, "scorer", enable_partition_eof=True)
    yield consumer
    consumer.close()


def test_client_credentials_log_in_as_the_client(cluster: Cluster, issuer: Issuer) -> None:
    issuer.issued.clear()
    settings = with_issuer(cluster, issuer, kafka_oauth_scope="kafka read")
    kafka.check_broker(settings)
    assert {(each.client, each.scope) for each in issuer.issued} == {(SCORER, "kafka read")}


def test_tokens_are_renewed_before_they_expire(issuer: Issuer, reader: Consumer) -> None:
    """The broker ends a connection whose token has expired: each renewal prevents it."""
    issuer.issued.clear()
    reader.assign([TopicPartition("customers", 0, 0)])
    errors: list[KafkaError] = []

    def renewed() -> list[float]:
        errors.extend(error for each in reader.consume(10, 0.2) if (error := each.error()))
        return [each.at for each in issuer.issued if each.lifetime == LIFETIME]

    eventually(lambda: len(renewed()) >= 3, deadline=30)
    assert all(later - at <= LIFETIME for at, later in pairwise(renewed()))
    reader.get_watermark_offsets(TopicPartition("customers", 0), timeout=10)
    assert {each.code() for each in errors} <= {KafkaError._PARTITION_EOF}


def test_a_wrong_client_secret_is_refused_in_one_line(cluster: Cluster, issuer: Issuer) -> None:
    settings = with_issuer(cluster, issuer, kafka_password=SecretStr("wrong secret"))
    with pytest.raises(AccessDenied, match=r"invalid_client.*INTENT_KAFKA_PASSWORD") as refused:
        kafka.check_broker(settings)
    assert "\n" not in str(refused.value)


def test_a_token_that_the_broker_rejects_is_refused_in_one_line(
    cluster: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    with Issuer() as other:
        file.write_text(other.token(SCORER))
    with pytest.raises(AccessDenied, match=r"rejected the connection") as refused:
        kafka.check_broker(with_file(cluster, file))
    assert "\n" not in str(refused.value)


def test_an_issuer_that_is_away_is_no_refusal(cluster: Cluster, issuer: Issuer) -> None:
    away: dict[str, Any] = {"kafka_oauth_token_url": "http://127.0.0.1:1/token", "kafka_timeout": 3}
    settings = with_issuer(cluster, issuer, **away)
    with pytest.raises(BrokerUnreachable, match="INTENT_KAFKA_OAUTH_TOKEN_URL"):
        kafka.check_broker(settings)


def test_token_file_is_read_again_before_its_token_expires(
    cluster: Cluster, issuer: Issuer, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(issuer.token(SCORER, LIFETIME) + "\n")
    expired_at = time.time() + LIFETIME
    client = kafka.create_admin_client(with_file(cluster, file))
    client.list_topics(timeout=10)
    renewed = tmp_path / "renewed"
    renewed.write_text(issuer.token(SCORER))
    renewed.replace(file)
    eventually(lambda: time.time() > expired_at + 1, deadline=30)
    assert client.list_topics(timeout=10).topics


def test_missing_or_expired_token_file_is_a_bad_setting(
    cluster: Cluster, issuer: Issuer, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    settings = with_file(cluster, file)
    with pytest.raises(BadSetting, match=r"INTENT_KAFKA_OAUTH_TOKEN_FILE=.*cannot read it"):
        kafka.create_admin_client(settings)
    file.write_text(issuer.token(SCORER, -10))
    with pytest.raises(BadSetting, match="the token has expired"):
        kafka.create_admin_client(settings)


def test_renewal_that_fails_is_logged_with_its_reason(
    cluster: Cluster, issuer: Issuer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "token"
    file.write_text(issuer.token(SCORER))
    renew = kafka_oauth.token_callback(with_file(cluster, file))
    file.unlink()
    with caplog.at_level(logging.WARNING), pytest.raises(BadSetting):
        renew(None)
    assert "cannot renew the Kafka token" in caplog.text


@pytest.mark.parametrize("source", ["issuer", "file"])
def test_kafka_python_logs_in_with_a_token_too(
    cluster: Cluster, issuer: Issuer, tmp_path: Path, source: str
) -> None:
    file = tmp_path / "token"
    file.write_text(issuer.token(SCORER))
    settings = with_issuer(cluster, issuer) if source == "issuer" else with_file(cluster, file)
    with kafka_python_admin(settings) as client:
        assert client.list_topics() is not None


def test_without_a_token_the_producer_of_an_open_transaction_is_unknown(
    cluster: Cluster, issuer: Issuer
) -> None:
    settings = with_issuer(cluster, issuer, kafka_password=SecretStr("wrong secret"))
    assert producer_ids(settings, {("customers", 0): 1}) == {("customers", 0): -1}


def test_aws_signer_makes_tokens_for_msk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)
    settings = load(
        Settings,
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="AWS_MSK_IAM",
        kafka_aws_region="eu-west-1",
    )
    token = kafka_oauth.token_callback(settings)(None)
    assert 600 < token.expires_at - time.time() <= 900
    assert kafka.create_admin_client(settings) is not None


def test_without_aws_credentials_a_login_to_msk_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load(
        Settings,
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="AWS_MSK_IAM",
        kafka_aws_region="eu-west-1",
    )
    with pytest.raises(AccessDenied, match="AWS credentials"):
        kafka.create_admin_client(settings)


def test_kerberos_needs_a_librdkafka_with_gssapi() -> None:
    settings = load(Settings, kafka_security_protocol="SASL_SSL", kafka_sasl_mechanism="GSSAPI")
    with pytest.raises(BadSetting, match="GSSAPI"):
        kafka.create_admin_client(settings)
