"""Users' rights on a cluster (ACLs) and their logins."""

from collections.abc import Iterable
from typing import Any, Final

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # typed so
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from contract import kafka
from contract.settings import Settings
from deploy.cluster.asking import answer
from deploy.cluster.grants import Grant

ITERATIONS: Final = 8192
"""Of SCRAM's hash, twice Kafka's own number."""


def give(settings: Settings, user: str, grants: Iterable[Grant]) -> tuple[int, int]:
    """Gives a user these rights and takes away its others; returns how many of each."""
    client = kafka.create_admin_client(settings)
    asked = client.describe_acls(_all_of(user))
    found = set(answer(settings, asked, "tell its rights"))
    wanted = {_binding(user, grant) for grant in grants}
    missing, extra = list(wanted - found), list(found - wanted)
    if missing:
        for done in client.create_acls(missing).values():
            answer(settings, done, f"give rights to {user}")
    for each in extra:
        (done,) = client.delete_acls([_only(each)]).values()
        answer(settings, done, f"take rights from {user}")
    return len(missing), len(extra)


def let_in(settings: Settings, user: str, password: str) -> None:
    """Makes a user who logs in with SCRAM-SHA-512, or gives it another password."""
    credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    change = UserScramCredentialUpsertion(user, credential, password.encode())
    client = kafka.create_admin_client(settings)  # destroyed, it would give up what is under way
    (done,) = client.alter_user_scram_credentials([change]).values()
    answer(settings, done, f"let {user} in")


def _all_of(user: str) -> AclBindingFilter:
    anything: Any = None  # it may be; the client's types do not say so
    return AclBindingFilter(
        ResourceType.ANY,
        anything,
        ResourcePatternType.ANY,
        f"User:{user}",
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )


def _binding(user: str, grant: Grant) -> AclBinding:
    return AclBinding(
        ResourceType[grant.kind.upper()],
        grant.name,
        ResourcePatternType.PREFIXED if grant.prefixed else ResourcePatternType.LITERAL,
        f"User:{user}",
        "*",
        AclOperation[grant.operation.upper()],
        AclPermissionType.ALLOW,
    )


def _only(acl: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        acl.restype,
        acl.name,
        acl.resource_pattern_type,
        acl.principal,
        acl.host,
        acl.operation,
        acl.permission_type,
    )
