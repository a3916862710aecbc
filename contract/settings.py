"""Settings of every stage, from `INTENT_*` environment variables and the settings file."""

import json
import logging
import os
import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from contract.errors import BadSetting
from contract.kafka_properties import parse_properties
from contract.redaction import redact, register_secrets, secrets_in_url
from contract.schema import CARS, Schema
from contract.settings_file import read_settings_file, settings_file_path
from contract.settings_sources import (
    ENVIRONMENT_ONLY,
    known_setting_names,
    secrets_from_files,
    unknown_settings,
    values_from_settings_file,
)

PREFIX = "INTENT_"
ENVIRONMENT = "environment"

S = TypeVar("S", bound="Settings")

log = logging.getLogger(__name__)


def must_match(pattern: str, meaning: str) -> AfterValidator:
    """Validates a text like `Field(pattern=...)`, with a readable error message.

    Args:
        pattern: Regular expression for the whole text.
        meaning: Ends the message "must be ...".
    """

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must be {meaning}")
        return text

    return AfterValidator(check)


TopicName = Annotated[
    str,
    must_match(r"[a-zA-Z0-9._-]{1,249}", "1 to 249 of the characters a-z A-Z 0-9 . _ -"),
    must_match(r"(?!\.{1,2}$).*", "a name other than . and .."),
]

MAX_NUMBER: Final = 2**31 - 1
"""Of a setting without a limit of its own. Milliseconds of it fit into 64 bits."""

_HOST_AND_PORT: Final = r"([^\s:,/\[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5}"


class Settings(BaseSettings):
    """Settings of all stages. Each stage has a subclass with its settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", allow_inf_nan=False
    )

    kafka_bootstrap: Annotated[
        str,
        must_match(
            rf"{_HOST_AND_PORT}(,{_HOST_AND_PORT})*",
            "host:port, comma separated, such as kafka-1:9092,kafka-2:9092",
        ),
    ] = Field(
        "127.0.0.1:9092", description="Kafka bootstrap servers, `host:port`, comma-separated."
    )
    kafka_timeout: float = Field(
        10, description="Timeout (seconds) of requests to the broker.", gt=0, le=3_600
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT",
        description="Kafka security protocol: SSL encrypts, SASL authenticates as "
        "INTENT_KAFKA_SASL_MECHANISM says.",
    )
    kafka_sasl_mechanism: Literal[
        "SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER", "AWS_MSK_IAM", "GSSAPI"
    ] = Field(
        "SCRAM-SHA-512",
        description="SASL mechanism: docs/how-to/kafka-logins.md. PLAIN, OAUTHBEARER and "
        "AWS_MSK_IAM require TLS.",
    )
    kafka_username: str = Field(
        "", description="Kafka SASL username; with OAUTHBEARER the client id."
    )
    kafka_password: SecretStr = Field(
        SecretStr(""), description="Kafka SASL password; with OAUTHBEARER the client secret."
    )
    kafka_oauth_token_url: Annotated[
        str,
        must_match(
            r"|https://[^@\s]+|http://(localhost|127\.0\.0\.1)[:/][^@\s]*",
            "an https:// address without a login; http:// only on this machine",
        ),
    ] = Field(
        "",
        description="Token endpoint of the OAuth issuer that gives Kafka tokens for client "
        "credentials. Empty: tokens are read from a file.",
    )
    kafka_oauth_scope: str = Field(
        "", description="Scopes, separated by blanks, that are requested from the OAuth issuer."
    )
    kafka_oauth_ca_file: str = Field(
        "",
        description="PEM file of the CA certificates that verify the OAuth issuer. Empty: the "
        "system's CA certificates.",
    )
    kafka_oauth_token_file: str = Field(
        "",
        description="File with an OAuth token for Kafka, which another program renews, such as a "
        "projected service account token. It is read again before the token expires.",
    )
    kafka_aws_region: str = Field(
        "", description="AWS region of the MSK cluster; with AWS_MSK_IAM only."
    )
    kafka_properties: Annotated[dict[str, str], NoDecode, BeforeValidator(parse_properties)] = (
        Field(
            {},
            description="Further librdkafka properties of every Kafka client: a table in the "
            "settings file, JSON in the variable. Those that would break a guarantee are refused.",
        )
    )
    kafka_ca_file: str = Field(
        "",
        description="PEM file of the CA certificates that verify Kafka's brokers. Empty: the "
        "system's CA certificates.",
    )
    kafka_certificate_file: str = Field(
        "", description="PEM file of the client certificate for mutual TLS with Kafka. Empty: none."
    )
    kafka_key_file: str = Field("", description="PEM file of the client certificate's private key.")
    kafka_key_password: SecretStr = Field(
        SecretStr(""), description="Password of the private key. Empty: the key is not encrypted."
    )
    kafka_compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = Field(
        "none",
        description="Compression of produced batches. Every Kafka client reads none and gzip; "
        "lz4 and zstd need a quarter of the space, and some clients need an extra "
        "library for them: docs/how-to/your-kafka.md.",
    )
    topic_customers: TopicName = Field("customers", description="Topic of customer records.")
    topic_predictions: TopicName = Field(
        "predictions",
        description="Topic of predictions. Shadow predictions and comparisons have the suffixes "
        "`.shadow` and `.shadow-comparisons`.",
    )
    topic_outcomes: TopicName = Field(
        "outcomes", description="Topic of outcomes, the ground truth of predictions."
    )
    topic_dead_letters: TopicName = Field(
        "customers.dead-letters",
        description="Topic of dead letters: records that do not match the schema. Redrives have "
        "the suffix `.redrives`.",
    )
    topic_alerts: TopicName = Field("alerts", description="Topic of drift alerts.")
    topic_retraining_requests: TopicName = Field(
        "retraining-requests", description="Topic of retraining requests."
    )
    topic_model_lifecycle: TopicName = Field(
        "model-lifecycle", description="Topic of lifecycle events of model versions."
    )
    customers_encoding: Literal["json", "json-schema", "avro"] = Field(
        "json",
        description="Encoding of the values in the topic of customers: `json`, or with a Schema "
        "Registry's header JSON (`json-schema`) or `avro`. Avro needs `intent-stream[avro]`; so "
        "does writing with a header.",
    )
    outcomes_encoding: Literal["json", "json-schema", "avro"] = Field(
        "json", description="Encoding of the values in the topic of outcomes."
    )
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
    tombstones: Literal["dead-letter", "skip"] = Field(
        "dead-letter",
        description="What becomes of a null value (tombstone) in the topic of customers, as a "
        "compacted topic or change data capture has for each deleted key: a dead letter, or it is "
        "skipped. A skipped one has no result; its offset is committed and it is counted.",
    )
    port_offset: int = Field(
        0,
        description="Added to every port that is not set explicitly, to the port of the default "
        "Kafka address, and as a suffix to the default data directory. A second "
        "stack on the same machine, and every command for it, needs only this "
        "setting.",
        ge=0,
        le=50_000,
    )
    partitions: int = Field(
        4, description="Number of partitions of a topic that a stage creates.", ge=1, le=10_000
    )
    replication_factor: int = Field(
        1, description="Replication factor of a topic that a stage creates.", ge=1, le=100
    )
    retention_hours: int = Field(
        168,
        description="Retention (hours) of records in a topic that a stage creates. Some topics "
        "keep theirs a multiple of it.",
        ge=1,
        le=1_000_000,
    )
    schema_file: str = Field(
        "",
        description="TOML file with the schema of your own data: docs/tutorial-own-schema.md. "
        "Empty: the cars schema.",
    )
    data_dir: Path = Field(
        Path(".intent"),
        description="Directory for registry, reports and broker. Default with a schema file: "
        "`.intent/NAME`.",
    )
    mlflow_uri: str = Field(
        "",
        description="MLflow tracking and registry URI. Empty: SQLite in the data directory.",
    )
    mlflow_username: str = Field("", description="MLflow username.")
    mlflow_password: SecretStr = Field(SecretStr(""), description="MLflow password.")
    mlflow_token: SecretStr = Field(
        SecretStr(""), description="MLflow bearer token, in place of username and password."
    )
    model_name: Annotated[str, must_match(r"[^/:]+", "a name without / and :")] = Field(
        CARS.name,
        description="Name of the registered model. Default with a schema file: the schema's name.",
    )
    model_max_row_microseconds: float = Field(
        1000,
        description="Maximum processor time per row (microseconds), in a batch of 1,000, of a "
        "model that its own library scores. A slower version is rejected.",
        gt=0,
    )
    model_max_memory_mb: float = Field(
        2000,
        description="Maximum memory (MB) of the process that loads and checks a version before it "
        "serves. A version that needs more is rejected. Libraries alone take 400.",
        gt=0,
    )
    model_trusted_types: Annotated[
        str,
        must_match(
            r"([A-Za-z_][\w.]*(,[A-Za-z_][\w.]*)*)?",
            "empty, or full names of types, comma separated, such as my_package.MyEncoder",
        ),
    ] = Field(
        "",
        description="Types, comma-separated, that a skops file may contain in addition to "
        "scikit-learn's. Loading a file runs their code.",
    )
    listen_host: str = Field(
        "127.0.0.1", description="Address that pages and metrics listen on.", min_length=1
    )
    listen_token: SecretStr = Field(
        SecretStr(""),
        description="Token that pages and metrics require, as a bearer token or as the password "
        "of any user. Health checks require none. It must be set if "
        "INTENT_LISTEN_HOST is not loopback.",
    )
    listen_allowed_hosts: str = Field(
        "",
        description="Host names, comma-separated, that requests without a token may have in "
        "their Host header. IP addresses, names without a dot and cluster-internal "
        "names are always allowed. Other names are rejected, as a defense against "
        "DNS rebinding.",
    )
    listen_allow_anonymous: bool = Field(
        False,
        description="Allow access without a token even if INTENT_LISTEN_HOST is not loopback. "
        "Use it only in a network that admits no other clients.",
    )
    startup_timeout: float = Field(
        120,
        description="Timeout (seconds) for a child process that starts and uses no CPU. While "
        "it uses CPU, the wait is not limited.",
        gt=0,
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Minimum log level."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Log format: text, or one JSON object per line."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, secret files, variables, settings file."""
        del dotenv_settings, file_secret_settings
        return (
            init_settings,
            InitSettingsSource(settings_cls, secrets_from_files(settings_cls)),
            env_settings,
            InitSettingsSource(settings_cls, values_from_settings_file(settings_cls)),
        )

    _schema: Schema = PrivateAttr(default_factory=lambda: CARS)

    def _schema_defaults(self, schema: Schema) -> dict[str, Any]:
        """Defaults that depend on the schema, for a schema other than the cars."""
        return {"data_dir": Path(".intent", schema.name), "model_name": schema.name}

    @field_validator("*")
    @classmethod
    def _check_limits(cls, value: Any) -> Any:
        if isinstance(value, str | Path) and "\0" in str(value):
            raise ValueError("must not have a NUL character")
        if isinstance(value, int | float) and abs(value) > MAX_NUMBER:
            raise ValueError(f"must be at most {MAX_NUMBER}")
        return value

    @model_validator(mode="after")
    def _load_schema(self) -> Self:
        """Loads the schema file. Raises `BadSetting` if it is not valid."""
        if self.schema_file:
            self._schema = _schema(Path(self.schema_file))
            for name, value in self._schema_defaults(self._schema).items():
                if name not in self.model_fields_set:
                    object.__setattr__(self, name, value)
        return self

    @model_validator(mode="after")
    def _apply_port_offset(self) -> Self:
        """Shifts defaults by `port_offset`. They still count as not set."""
        if self.port_offset:
            for name in type(self).model_fields.keys() - self.model_fields_set:
                object.__setattr__(
                    self, name, _with_offset(name, getattr(self, name), self.port_offset)
                )
        return self

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        faults = "; ".join(_invalid_combinations(self))
        if faults:
            raise ValueError(faults)
        return self

    @property
    def skip_tombstones(self) -> bool:
        """Whether null values of customers have no result, instead of a dead letter."""
        return self.tombstones == "skip"

    @property
    def registry_uri(self) -> str:
        """MLflow tracking and registry URI. May contain a password: `redact` it before output."""
        return self.mlflow_uri or f"sqlite:///{self.data_dir.resolve() / 'mlflow' / 'mlflow.db'}"

    @property
    def trusted_types(self) -> tuple[str, ...]:
        """The types of `model_trusted_types`."""
        return tuple(filter(None, self.model_trusted_types.split(",")))

    @property
    def registry_is_missing(self) -> bool:
        """Whether it is an SQLite file that does not exist; MLflow would create an empty one."""
        scheme, _, file = self.registry_uri.partition(":///")
        return scheme == "sqlite" and not Path(file).exists()


def schema_of(settings: Settings) -> Schema:
    """The schema of the records: that of `schema_file`, or the cars."""
    return settings._schema


def _schema(file: Path) -> Schema:
    """The schema in a file; the same object until the file changes. Raises `BadSetting`."""
    try:
        changed_at = file.stat().st_mtime_ns
    except OSError:
        changed_at = 0
    return _loaded(file.absolute(), file, changed_at)


@lru_cache(maxsize=16)
def _loaded(path: Path, file: Path, changed_at: int) -> Schema:
    del path, changed_at
    return Schema.load(file)


def _with_offset(name: str, value: Any, offset: int) -> Any:
    if name == "kafka_bootstrap":
        host, _, port = value.rpartition(":")
        return f"{host}:{int(port) + offset}"
    if name == "data_dir":
        return value.with_name(f"{value.name}-{offset}")
    if name.endswith("_port") and value:  # 0 is any that is free
        return value + offset
    return value


def _invalid_combinations(settings: Settings) -> list[str]:
    """Error messages for settings that are valid by themselves but not together."""
    uses_tls = settings.kafka_security_protocol.endswith("SSL")
    certificate = bool(settings.kafka_certificate_file), bool(settings.kafka_key_file)
    faults = {
        **_invalid_login(settings),
        **_invalid_topics(settings),
        "INTENT_KAFKA_CERTIFICATE_FILE and INTENT_KAFKA_KEY_FILE need each other": (
            len(set(certificate)) > 1
        ),
        "INTENT_KAFKA_CERTIFICATE_FILE needs an INTENT_KAFKA_SECURITY_PROTOCOL with SSL; "
        "without it the certificate is not used": any(certificate) and not uses_tls,
        "INTENT_MLFLOW_USERNAME and INTENT_MLFLOW_PASSWORD need each other": (
            bool(settings.mlflow_username) != bool(settings.mlflow_password)
        ),
        f"INTENT_LISTEN_HOST={settings.listen_host} exposes pages and metrics to other machines: "
        "set INTENT_LISTEN_TOKEN, or INTENT_LISTEN_ALLOW_ANONYMOUS=true if the network admits no "
        "other clients": not (
            is_loopback(settings.listen_host)
            or settings.listen_token
            or settings.listen_allow_anonymous
        ),
    }
    return [message for message, applies in faults.items() if applies]


def _invalid_topics(settings: Settings) -> dict[str, bool]:
    """Error messages about the names of topics, and whether each applies."""
    names = {
        name: value
        for name, value in settings
        if name in type(settings).model_fields and name.startswith("topic_")
    }
    suffixes = {
        "topic_predictions": (".shadow", ".shadow-comparisons"),
        "topic_dead_letters": (".redrives",),
    }
    users = defaultdict(list)
    for name, topic in names.items():
        for suffix in ("", *suffixes.get(name, ())):
            users[f"{topic}{suffix}"].append(env_variable(name))
    return {
        f"{' and '.join(variables)} name the same topic {topic}: each needs its own": (
            len(variables) > 1
        )
        for topic, variables in users.items()
    } | {
        f"{variables[0]} is too long: the topic {topic} has more than 249 characters": (
            len(topic) > 249
        )
        for topic, variables in users.items()
    }


def _invalid_login(settings: Settings) -> dict[str, bool]:
    """Error messages about the login to Kafka, and whether each applies."""
    uses_sasl = settings.kafka_security_protocol.startswith("SASL")
    mechanism = settings.kafka_sasl_mechanism if uses_sasl else ""
    login = bool(settings.kafka_username), bool(settings.kafka_password)
    url, file = settings.kafka_oauth_token_url, settings.kafka_oauth_token_file
    own_tokens = any(name.startswith("sasl.oauthbearer.") for name in settings.kafka_properties)
    return {
        "INTENT_KAFKA_SECURITY_PROTOCOL with SASL needs INTENT_KAFKA_USERNAME and "
        "INTENT_KAFKA_PASSWORD": (
            mechanism == "PLAIN" or mechanism.startswith("SCRAM") or (mechanism != "" and url != "")
        )
        and not all(login),
        "INTENT_KAFKA_USERNAME and INTENT_KAFKA_PASSWORD need an INTENT_KAFKA_SECURITY_PROTOCOL "
        "with SASL; without it they are not used": not uses_sasl and any(login),
        f"INTENT_KAFKA_SASL_MECHANISM={mechanism} over SASL_PLAINTEXT sends the password or token "
        "in clear text: use SASL_SSL or SCRAM": (
            settings.kafka_security_protocol == "SASL_PLAINTEXT"
            and mechanism in ("PLAIN", "OAUTHBEARER", "AWS_MSK_IAM")
        ),
        "INTENT_KAFKA_SASL_MECHANISM=OAUTHBEARER needs INTENT_KAFKA_OAUTH_TOKEN_URL or "
        "INTENT_KAFKA_OAUTH_TOKEN_FILE": (
            mechanism == "OAUTHBEARER" and not (url or file or own_tokens)
        ),
        "INTENT_KAFKA_OAUTH_TOKEN_URL and INTENT_KAFKA_OAUTH_TOKEN_FILE exclude each other": (
            bool(url) and bool(file)
        ),
        "INTENT_KAFKA_OAUTH_TOKEN_URL and INTENT_KAFKA_OAUTH_TOKEN_FILE need "
        "INTENT_KAFKA_SASL_MECHANISM=OAUTHBEARER and an INTENT_KAFKA_SECURITY_PROTOCOL with SASL": (
            bool(url or file) and mechanism != "OAUTHBEARER"
        ),
        "INTENT_KAFKA_SASL_MECHANISM=AWS_MSK_IAM needs INTENT_KAFKA_AWS_REGION": (
            mechanism == "AWS_MSK_IAM" and not settings.kafka_aws_region
        ),
    }


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to what listens on the host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def environment(settings: Settings) -> dict[str, str]:
    """Environment variables that pass the settings to another process, secrets included."""
    return {env_variable(name): _text(value) for name, value in settings}


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return json.dumps(value) if isinstance(value, dict) else str(value)


def load(cls: type[S], **given: object) -> S:
    """Loads a stage's settings from arguments, variables and settings file.

    Logs a warning for an INTENT_* variable that no stage reads: it may be another program's. An
    unknown name in the settings file is an error.

    Args:
        cls: The stage's settings.
        **given: Values that take precedence.

    Raises:
        BadSetting: Names all faults at once.
    """
    settings, faults = try_load(cls, **given)
    if settings is None:
        raise BadSetting(describe_faults(faults))
    return settings


def try_load(cls: type[S], **given: object) -> tuple[S | None, list[str]]:
    """Returns the settings, or None and all faults.

    Raises:
        BadSetting: The settings file cannot be read.
    """
    _warn_of_unknown_variables(cls)
    faults = list(_unknown_in_file(cls))
    try:
        settings = cls(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        for fault in error.errors():
            if isinstance(fault["input"], str):
                register_secrets(secrets_in_url(fault["input"]))
        origins = setting_origins(cls)
        faults += [_describe_fault(cls, fault, origins) for fault in error.errors()]
        return None, faults
    _register_secrets(settings)
    return (None if faults else settings), faults


def _register_secrets(settings: Settings) -> None:
    for _, value in settings:
        if isinstance(value, SecretStr):
            register_secrets([value.get_secret_value()])
        elif isinstance(value, str):
            register_secrets(secrets_in_url(value))


def describe_faults(faults: Iterable[str]) -> str:
    """All faults in one line."""
    return f"correct these settings: {'; '.join(faults)}"


def setting_origins(cls: type[Settings]) -> dict[str, str]:
    """Origin of each setting that is not at its default: `ENVIRONMENT`, or the file's path.

    Raises:
        BadSetting: The settings file cannot be read.
    """
    from_file = dict.fromkeys(values_from_settings_file(cls), str(settings_file_path()))
    from_environment = [*EnvSettingsSource(cls)(), *secrets_from_files(cls)]
    return from_file | dict.fromkeys(from_environment, ENVIRONMENT)


def env_variable(name: str) -> str:
    """Name of a setting's environment variable."""
    return f"{PREFIX}{name.upper()}"


def _describe_fault(
    cls: type[Settings], fault: Mapping[str, Any], origins: Mapping[str, str]
) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not fault["loc"]:  # a combination; its input is all settings
        return message
    name = "_".join(map(str, fault["loc"]))
    field = cls.model_fields.get(str(fault["loc"][0]))
    is_secret = field is not None and field.annotation is SecretStr
    value = "" if is_secret else f"={redact(shlex.quote(str(fault['input'])))}"
    origin = origins.get(name, ENVIRONMENT)
    place = "" if origin == ENVIRONMENT else f" in {origin}"
    return f"{env_variable(name)}{value}{place}: {message}"


def _unknown_in_file(cls: type[Settings]) -> Iterator[str]:
    for name, similar in unknown_settings(read_settings_file(), cls.model_fields):
        suggestion = f": did you mean {similar}?" if similar else ""
        yield f"unknown setting {name} in {settings_file_path()}{suggestion}"


def _warn_of_unknown_variables(cls: type[Settings]) -> None:
    names = [name[len(PREFIX) :].lower() for name in os.environ if name.upper().startswith(PREFIX)]
    secret_files = [f"{name}_file" for name in known_setting_names()]
    known = [*cls.model_fields, *ENVIRONMENT_ONLY, *secret_files]
    for name, similar in unknown_settings(names, known):
        _warn_once(env_variable(name), env_variable(similar) if similar else "")


@cache
def _warn_once(name: str, similar: str) -> None:
    suggestion = f": did you mean {similar}?" if similar else ""
    log.warning("unknown variable %s%s", name, suggestion)
