"""ACLs and SCRAM credentials of users."""

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
from deploy.cluster.acls import AclRule
from deploy.cluster.admin import wait_for_result

ITERATIONS: Final = 8192
"""Iterations of SCRAM's hash, twice Kafka's default."""


def apply_acls(settings: Settings, user: str, rules: Iterable[AclRule]) -> tuple[int, int]:
    """Replaces the ACLs of a user; returns the numbers of created and deleted ones."""
    client = kafka.create_admin_client(settings)
    future = client.describe_acls(_filter_all(user))
    existing = set(wait_for_result(settings, future, "describe ACLs"))
    desired = {_binding(user, rule) for rule in rules}
    missing, extra = list(desired - existing), list(existing - desired)
    if missing:
        for created in client.create_acls(missing).values():
            wait_for_result(settings, created, f"create ACLs of {user}")
    for binding in extra:
        (deleted,) = client.delete_acls([_filter_one(binding)]).values()
        wait_for_result(settings, deleted, f"delete ACLs of {user}")
    return len(missing), len(extra)


def set_password(settings: Settings, user: str, password: str) -> None:
    """Creates or replaces the SCRAM-SHA-512 credential of a user."""
    credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    change = UserScramCredentialUpsertion(user, credential, password.encode())
    client = kafka.create_admin_client(settings)  # destroyed, it would give up what is under way
    (done,) = client.alter_user_scram_credentials([change]).values()
    wait_for_result(settings, done, f"set the password of {user}")


def _filter_all(user: str) -> AclBindingFilter:
    anything: Any = None  # None is allowed; the client's types do not say so
    return AclBindingFilter(
        ResourceType.ANY,
        anything,
        ResourcePatternType.ANY,
        f"User:{user}",
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )


def _binding(user: str, rule: AclRule) -> AclBinding:
    return AclBinding(
        ResourceType[rule.resource_type.upper()],
        rule.name,
        ResourcePatternType.PREFIXED if rule.prefixed else ResourcePatternType.LITERAL,
        f"User:{user}",
        "*",
        AclOperation[rule.operation.upper()],
        AclPermissionType.ALLOW,
    )


def _filter_one(acl: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        acl.restype,
        acl.name,
        acl.resource_pattern_type,
        acl.principal,
        acl.host,
        acl.operation,
        acl.permission_type,
    )
