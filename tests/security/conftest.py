"""A broker that demands TLS, a login and rights, with a user for every role."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import SecretStr

from contract.settings import Settings, load
from deploy.cluster import spec, users
from deploy.cluster.__main__ import apply
from deploy.cluster.roles import ROLES, USER
from intent.local.kafka.broker import LocalBroker
from intent.local.kafka.security import MECHANISM, BrokerSecurity
from intent.local.settings import LocalSettings
from tests.security.certificates import authority, identity
from tests.security.issuer import AUDIENCE, Issuer
from tests.support.cluster import ADMIN, PASSWORD, Cluster


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """The OAuth issuer whose tokens the broker accepts."""
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[Cluster]:
    """One for all tests: with the roles' rights, given by the tool that ships.

    Users log in with SCRAM or with a token of the issuer.
    """
    folder = tmp_path_factory.mktemp("secured")
    ours, key = authority(folder, "ours")
    secured = BrokerSecurity(ours, identity(folder, "ours", key), "admin", SecretStr(ADMIN))
    cache = load(LocalSettings).cache_dir
    oauth = "org.apache.kafka.common.security.oauthbearer"
    listener = "listener.name.clients"
    tokens: dict[str, Any] = {
        "sasl.enabled.mechanisms": f"{MECHANISM},OAUTHBEARER",
        f"{listener}.sasl.enabled.mechanisms": f"{MECHANISM},OAUTHBEARER",
        f"{listener}.oauthbearer.sasl.jaas.config": f"{oauth}.OAuthBearerLoginModule required;",
        f"{listener}.oauthbearer.sasl.server.callback.handler.class": (
            f"{oauth}.OAuthBearerValidatorCallbackHandler"
        ),
        f"{listener}.sasl.oauthbearer.jwks.endpoint.url": issuer.jwks_url,
        f"{listener}.sasl.oauthbearer.expected.audience": AUDIENCE,
        # a session ends with its token
        f"{listener}.oauthbearer.connections.max.reauth.ms": 3_600_000,
    }
    log = folder / "broker.log"
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(
                "JDK_JAVA_OPTIONS",
                f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={issuer.jwks_url}",
            )
            broker = stack.enter_context(
                LocalBroker(folder / "broker", cache, log, security=secured, **tokens)
            )
        made = Cluster(broker.bootstrap, secured)
        admin = made.admin(Settings)
        for role in ROLES:
            users.set_password(admin, USER.format(role=role), PASSWORD.format(role=role))
        apply(admin, spec.default_spec())
        yield made
