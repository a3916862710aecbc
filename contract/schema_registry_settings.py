"""Settings of the tool for a Schema Registry."""

from typing import Annotated

from pydantic import Field, SecretStr

from contract.settings import Settings, must_match


class SchemaRegistrySettings(Settings):
    """Settings of `python -m tools.schema_registry`."""

    schema_registry_url: Annotated[
        str, must_match(r"https?://[^@\s]+", "an http:// or https:// address without a login")
    ] = Field(
        "http://127.0.0.1:8081",
        description="URL of a Schema Registry with Confluent's REST API: Confluent's, "
        "Redpanda's, Karapace, or Apicurio's `/apis/ccompat/v7`.",
    )
    schema_registry_username: str = Field("", description="Schema Registry username.")
    schema_registry_password: SecretStr = Field(
        SecretStr(""), description="Schema Registry password."
    )
    schema_registry_ca_file: str = Field(
        "",
        description="PEM file of the CA certificates that verify the Schema Registry. Empty: "
        "the system's CA certificates.",
    )
