"""A broker that demands TLS, a login and rights, with a user for every role."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from contract.settings import Settings, load
from deploy.cluster import spec, users
from deploy.cluster.__main__ import apply
from deploy.cluster.roles import ROLES, USER
from intent.local.kafka.broker import LocalBroker
from intent.local.kafka.security import BrokerSecurity
from intent.local.settings import LocalSettings
from tests.security.certificates import authority, identity
from tests.support.cluster import ADMIN, PASSWORD, Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One for all tests: with the roles' rights, given by the tool that ships."""
    folder = tmp_path_factory.mktemp("secured")
    ours, key = authority(folder, "ours")
    secured = BrokerSecurity(ours, identity(folder, "ours", key), "admin", SecretStr(ADMIN))
    cache = load(LocalSettings).cache_dir
    with LocalBroker(folder / "broker", cache, folder / "broker.log", security=secured) as broker:
        made = Cluster(broker.bootstrap, secured)
        admin = made.admin(Settings)
        for role in ROLES:
            users.set_password(admin, USER.format(role=role), PASSWORD.format(role=role))
        apply(admin, spec.default_spec())
        yield made
