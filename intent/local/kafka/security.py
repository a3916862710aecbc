"""TLS, authentication and authorization (ACLs) of the local broker."""

from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any, Final

from pydantic import SecretStr

MECHANISM: Final = "SCRAM-SHA-512"
AUTHORITY: Final = "authority.pem"
IDENTITY: Final = "identity.pem"

BROKER: Final = "CN=broker"
"""Subject of the broker's certificate; the inter-broker listeners authenticate it."""


@dataclass(frozen=True)
class BrokerSecurity:
    """Security configuration of a broker.

    Attributes:
        authority: PEM file of the certificate authority.
        identity: PEM file of the broker's private key and certificate (`BROKER`).
        admin: Super user, who creates the other users.
        secret: The admin's password: clients then authenticate with SCRAM. Or the PEM file of the
            admin's private key and certificate: clients then authenticate with a certificate of
            the authority, whose common name is the user.
    """

    authority: Path
    identity: Path
    admin: str
    secret: SecretStr | Path

    def login(self) -> dict[str, Any]:
        """Client settings of the admin."""
        if isinstance(self.secret, Path):
            login: dict[str, Any] = {
                "kafka_security_protocol": "SSL",
                "kafka_certificate_file": str(self.secret),
                "kafka_key_file": str(self.secret),
            }
        else:
            login = {
                "kafka_security_protocol": "SASL_SSL",
                "kafka_sasl_mechanism": MECHANISM,
                "kafka_username": self.admin,
                "kafka_password": self.secret,
            }
        return {**login, "kafka_ca_file": str(self.authority)}

    def copy_files_to(self, folder: Path) -> None:
        """Copies the PEM files to where the broker's properties name them."""
        copyfile(self.authority, folder / AUTHORITY)
        (folder / IDENTITY).touch(mode=0o600)
        copyfile(self.identity, folder / IDENTITY)

    def format_options(self) -> list[str]:
        """Options with which the storage tool creates the admin, who can create other users."""
        if isinstance(self.secret, Path):
            return []
        login = f"name={self.admin},password={self.secret.get_secret_value()}"
        return ["--add-scram", f"{MECHANISM}=[{login}]"]

    def properties(self) -> dict[str, object]:
        """Broker properties: brokers use certificates, clients use certificates or SCRAM."""
        protocol = self.login()["kafka_security_protocol"]
        return {
            **(self._by_certificate() if protocol == "SSL" else self._by_password()),
            "listener.security.protocol.map": f"CLIENTS:{protocol},BROKER:SSL,CONTROLLER:SSL",
            "inter.broker.listener.name": "BROKER",
            "listener.name.broker.ssl.client.auth": "required",
            "listener.name.controller.ssl.client.auth": "required",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": IDENTITY,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": AUTHORITY,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{self.admin};User:{BROKER}",
            "allow.everyone.if.no.acl.found": "false",
        }

    def _by_certificate(self) -> dict[str, object]:
        return {
            "listener.name.clients.ssl.client.auth": "required",
            "listener.name.clients.ssl.principal.mapping.rules": "RULE:^CN=([^,]+)$/$1/,DEFAULT",
        }

    def _by_password(self) -> dict[str, object]:
        return {
            "sasl.enabled.mechanisms": MECHANISM,
            "listener.name.clients.sasl.enabled.mechanisms": MECHANISM,
            f"listener.name.clients.{MECHANISM.lower()}.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
        }
