"""Each role may do what its work needs and nothing else: every right is tried."""

from dataclasses import dataclass

import pytest

from contract.settings import Settings, load
from contract.topics import topics
from deploy.cluster.roles import ROLES
from tests.security import attempts
from tests.support.cluster import Cluster

TOPICS = topics(load(Settings))
NAMES = {field: topic.name for field, topic in vars(TOPICS).items()}
GROUPS = (
    *("scorer", "monitoring", "training", "predictions-trace", "reader-1", "other"),
    *(f"{name}-reading" for name in NAMES.values()),
)
TRANSACTIONS = ("scorer-1", "scorer-redrive", "other")


@dataclass(frozen=True)
class May:
    """All that a role may do, written down apart from the code that grants it."""

    read: str = ""
    write: str = ""
    groups: str = ""
    transactions: str = ""

    @property
    def all_groups(self) -> set[str]:
        """And those under which its topics are read whole."""
        return {*self.groups.split(), *(f"{name}-reading" for name in named(self.read))}


ALL = {
    "producer": May(write="customers outcomes"),
    "scorer": May(
        read="customers",
        write="predictions shadow dead_letters",
        groups="scorer",
        transactions="scorer-1 scorer-redrive",
    ),
    "redrive": May(
        read="dead_letters redrives",
        write="customers redrives",
        transactions="scorer-redrive",
    ),
    "monitoring": May(
        read="customers predictions shadow outcomes alerts",
        write="alerts shadow_comparisons",
        groups="monitoring",
    ),
    "training": May(
        read="customers predictions outcomes shadow_comparisons alerts retraining_requests "
        "model_lifecycle",
        write="retraining_requests model_lifecycle",
        groups="training predictions-trace",
    ),
    "reader": May(read="predictions alerts shadow_comparisons model_lifecycle", groups="reader-1"),
}


def named(fields: str) -> set[str]:
    return {NAMES[field] for field in fields.split()}


def test_every_role_is_tried() -> None:
    assert set(ALL) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_and_writes_its_topics_and_no_others(cluster: Cluster, role: str) -> None:
    settings = cluster.settings(Settings, role)
    assert attempts.readable(settings, NAMES.values()) == named(ALL[role].read)
    assert attempts.writable(settings, NAMES.values()) == named(ALL[role].write)


@pytest.mark.parametrize("role", ROLES)
def test_role_cannot_use_groups_or_transactions_of_others(cluster: Cluster, role: str) -> None:
    settings = cluster.settings(Settings, role)
    assert attempts.usable_groups(settings, GROUPS) == ALL[role].all_groups
    found = attempts.usable_transactions(settings, TRANSACTIONS)
    assert found == set(ALL[role].transactions.split())


@pytest.mark.parametrize("role", ROLES)
def test_no_role_is_an_admin(cluster: Cluster, role: str) -> None:
    assert attempts.powers(cluster.settings(Settings, role)) == set()


def test_admin_may_do_everything(cluster: Cluster) -> None:
    settings = cluster.admin(Settings)
    assert attempts.readable(settings, NAMES.values()) == set(NAMES.values())
    assert attempts.usable_groups(settings, GROUPS) == set(GROUPS)
    assert len(attempts.powers(settings)) == 4
