"""A broker that lets in only who logs in, over TLS, and lets each do only what its ACLs say."""

from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any, Final

from pydantic import SecretStr

MECHANISM: Final = "SCRAM-SHA-512"
AUTHORITY: Final = "authority.pem"
IDENTITY: Final = "identity.pem"

BROKER: Final = "CN=broker"
"""Subject of the broker's own certificate, by which its listeners for brokers know it."""


@dataclass(frozen=True)
class Secured:
    """What a secured broker is made of.

    Attributes:
        authority: PEM file of the certificate that has signed the broker's.
        identity: PEM file of the broker's private key and certificate (`BROKER`).
        admin: the user who may do everything; others are made by that one.
        password: the admin's.
    """

    authority: Path
    identity: Path
    admin: str
    password: SecretStr

    def login(self) -> dict[str, Any]:
        """The settings of a client that is the admin."""
        return {
            "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_mechanism": MECHANISM,
            "kafka_username": self.admin,
            "kafka_password": self.password,
            "kafka_ca_file": str(self.authority),
        }

    def lay_into(self, folder: Path) -> None:
        """Puts the broker's files where its properties name them."""
        copyfile(self.authority, folder / AUTHORITY)
        (folder / IDENTITY).touch(mode=0o600)
        copyfile(self.identity, folder / IDENTITY)

    def format_options(self) -> list[str]:
        """What has the storage tool make the admin, without whom nobody could make another."""
        login = f"name={self.admin},password={self.password.get_secret_value()}"
        return ["--add-scram", f"{MECHANISM}=[{login}]"]

    def properties(self) -> dict[str, object]:
        """What the broker is told: brokers show a certificate, all others log in."""
        return {
            "listener.security.protocol.map": "CLIENTS:SASL_SSL,BROKER:SSL,CONTROLLER:SSL",
            "inter.broker.listener.name": "BROKER",
            "listener.name.broker.ssl.client.auth": "required",
            "listener.name.controller.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": MECHANISM,
            "listener.name.clients.sasl.enabled.mechanisms": MECHANISM,
            f"listener.name.clients.{MECHANISM.lower()}.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": IDENTITY,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": AUTHORITY,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{self.admin};User:{BROKER}",
            "allow.everyone.if.no.acl.found": "false",
        }
