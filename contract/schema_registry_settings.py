"""What the tool is told of a Schema Registry."""

from typing import Annotated

from pydantic import Field, SecretStr

from contract.settings import Settings, must_match


class SchemaRegistrySettings(Settings):
    """Settings of `python -m tools.schema_registry`."""

    schema_registry_url: Annotated[
        str, must_match(r"https?://[^@\s]+", "an http:// or https:// address without a login")
    ] = Field(
        "http://127.0.0.1:8081",
        description="Address of a Schema Registry with Confluent's REST interface: Confluent's, "
        "Redpanda's, Karapace, Apicurio's `/apis/ccompat/v7`.",
    )
    schema_registry_username: str = Field("", description="Whom to log in to it as.")
    schema_registry_password: SecretStr = Field(SecretStr(""), description="Password for it.")
    schema_registry_ca_file: str = Field(
        "", description="PEM file of the authorities that may vouch for it; the system's if empty."
    )
