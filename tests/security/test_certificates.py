"""A broker that demands certificates of its clients: whoever shows theirs is its user."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from contract import kafka
from contract.errors import AccessDenied, BadSetting
from contract.settings import Settings, load
from deploy.cluster import spec
from deploy.cluster.__main__ import apply
from deploy.cluster.roles import USER
from intent.local.kafka.broker import LocalBroker
from intent.local.kafka.security import BrokerSecurity
from intent.local.settings import LocalSettings
from producers.settings import ProducerSettings
from tests.security import attempts
from tests.security.certificates import authority, identity
from tests.support.cluster import run_stage
from tests.support.fixtures import S
from tests.support.ports import free_ports

KEY_PASSWORD: Final = "pass-of-the-key-Lm4"  # noqa: S105  of a key that lives for a test


@dataclass(frozen=True)
class Certified:
    """The broker, and the authority that it trusts."""

    bootstrap: str
    admin: dict[str, Any]
    key: ec.EllipticCurvePrivateKey
    folder: Path

    def settings(self, cls: type[S], role: str, password: str = "", **changes: Any) -> S:
        """A stage's settings with the certificate of a role, which has a key of its own."""
        own = identity(self.folder, "ours", self.key, USER.format(role=role), password)
        shown = {"kafka_certificate_file": str(own), "kafka_key_file": str(own)}
        return self.load(cls, **{**shown, **changes})

    def load(self, cls: type[S], **changes: Any) -> S:
        """The admin's, unless it is changed."""
        return load(cls, **{**self.admin, "kafka_bootstrap": self.bootstrap, **changes})


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    """With the roles' rights and a quota, given by the tool that ships."""
    folder = tmp_path_factory.mktemp("certified")
    ours, key = authority(folder, "ours")
    admin = identity(folder, "ours", key, "admin")
    secured = BrokerSecurity(ours, identity(folder, "ours", key), "admin", admin)
    cache = load(LocalSettings).cache_dir
    with LocalBroker(folder / "broker", cache, folder / "broker.log", security=secured) as broker:
        made = Certified(broker.bootstrap, secured.login(), key, folder)
        wish = spec.default_spec()
        wish.users[USER.format(role="producer")].quotas["producer_byte_rate"] = 1e6
        assert "quotas: 1 changed" in apply(made.load(Settings), wish)
        yield made


def test_a_stage_does_its_work_as_the_user_that_its_certificate_names(
    certified: Certified,
) -> None:
    (port,) = free_ports("127.0.0.1", 1)
    settings = certified.settings(
        ProducerSettings, "producer", KEY_PASSWORD,
        kafka_key_password=SecretStr(KEY_PASSWORD), rate=0, records=50, simulator_port=port,
    )  # fmt: skip
    code, output = run_stage(settings, "producers", INTENT_LOG_LEVEL="DEBUG")
    assert code == 0, output
    assert "published 50 records" in output
    assert KEY_PASSWORD not in output


def test_it_has_that_users_rights_and_no_others(certified: Certified) -> None:
    settings = certified.settings(Settings, "scorer")
    topics = ("customers", "predictions", "outcomes", "alerts")
    assert attempts.readable(settings, topics) == {"customers"}
    assert attempts.writable(settings, topics) == {"predictions"}
    assert attempts.powers(settings) == set()


@pytest.mark.parametrize("shown", ["none", "of another authority"])
def test_untrusted_client_certificate_is_reported_immediately(
    certified: Certified, shown: str, tmp_path: Path
) -> None:
    files = {"kafka_certificate_file": "", "kafka_key_file": ""}
    if shown != "none":
        _, key = authority(tmp_path, "another")
        files = dict.fromkeys(files, str(identity(tmp_path, "another", key, "intent-scorer")))
    settings = certified.load(Settings, kafka_timeout=30, **files)
    started = time.monotonic()
    with pytest.raises(AccessDenied, match="INTENT_KAFKA_CERTIFICATE_FILE"):
        kafka.check_broker(settings)
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    ("setting", "content"),
    [
        ("kafka_ca_file", None),
        ("kafka_ca_file", "no certificate"),
        ("kafka_certificate_file", None),
        ("kafka_key_file", "no key"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    certified: Certified, setting: str, content: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "file.pem"
    if content is not None:
        file.write_text(content)
    settings = certified.load(Settings, **{setting: str(file)})
    for client in (
        kafka.check_broker,
        kafka.create_producer,
        lambda own: kafka.create_consumer(own, "any"),
    ):
        with pytest.raises(BadSetting, match=f"correct INTENT_{setting.upper()}={file}: "):
            client(settings)


def test_a_wrong_password_of_the_key_is_one_line_without_it(certified: Certified) -> None:
    settings = certified.settings(
        Settings, "scorer", KEY_PASSWORD, kafka_key_password=SecretStr("wrong-pass-Hq2")
    )
    code, output = run_stage(settings, "contract")
    assert code == BadSetting.exit_code, output
    (line,) = output.splitlines()
    assert "INTENT_KAFKA_KEY_PASSWORD" in line
    assert "wrong-pass-Hq2" not in line


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"kafka_certificate_file": "/c", "kafka_security_protocol": "SSL"}, "need each other"),
        ({"kafka_key_file": "/k", "kafka_security_protocol": "SASL_SSL"}, "need each other"),
        ({"kafka_certificate_file": "/c", "kafka_key_file": "/k"}, "the certificate is not used"),
    ],
)
def test_certificate_without_tls_is_rejected(given: dict[str, str], says: str) -> None:
    with pytest.raises(BadSetting, match=says):
        load(Settings, **given)
