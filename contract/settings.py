"""What every stage is told from outside: by `INTENT_*` variables, or by a file of settings."""

import logging
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from contract import settings_file
from contract.errors import BadSetting
from contract.redaction import redact, register_secrets, secrets_in_url
from contract.schema import CARS, Schema
from contract.settings_sources import (
    ENVIRONMENT_ONLY,
    SecretFileSource,
    SettingsFileSource,
    known_setting_names,
    unknown_settings,
)

PREFIX = "INTENT_"
ENVIRONMENT = "environment"

S = TypeVar("S", bound="Settings")

log = logging.getLogger(__name__)


def must_match(pattern: str, meaning: str) -> AfterValidator:
    """Checks a text as `Field(pattern=...)` does, with a fault that a person can act on.

    Args:
        pattern: a regular expression for the whole text.
        meaning: what the text must be, in words.
    """

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must be {meaning}")
        return text

    return AfterValidator(check)


TopicName = Annotated[
    str, must_match(r"[a-zA-Z0-9._-]{1,249}", "1 to 249 of the characters a-z A-Z 0-9 . _ -")
]


class Settings(BaseSettings):
    """Settings that all stages share. A stage adds its own in a subclass."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    kafka_bootstrap: Annotated[
        str,
        must_match(
            r"[^\s:,]+:\d+(,[^\s:,]+:\d+)*",
            "host:port, comma separated, such as kafka-1:9092,kafka-2:9092",
        ),
    ] = Field("127.0.0.1:9092", description="Kafka bootstrap servers, host:port, comma separated.")
    kafka_timeout: float = Field(
        10, description="Seconds to wait for a broker before giving up.", gt=0
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT",
        description="How to talk to Kafka: with TLS (SSL), with a login (SASL), or with both.",
    )
    kafka_sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="How to log in to Kafka; PLAIN only over TLS."
    )
    kafka_username: str = Field("", description="Whom to log in to Kafka as.")
    kafka_password: SecretStr = Field(SecretStr(""), description="Password for Kafka.")
    kafka_ca_file: str = Field(
        "",
        description="PEM file of the authorities that may vouch for Kafka's brokers; the system's "
        "if empty.",
    )
    kafka_certificate_file: str = Field(
        "", description="PEM file of the certificate that we show to Kafka, where it demands one."
    )
    kafka_key_file: str = Field("", description="PEM file of that certificate's private key.")
    kafka_key_password: SecretStr = Field(
        SecretStr(""), description="Password of that key, if it has one."
    )
    kafka_compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = Field(
        "none",
        description="How our producers compress. Every client reads none and gzip; lz4 and zstd "
        "take a quarter of the space, and some clients need an add-on: docs/how-to/your-kafka.md.",
    )
    topic_customers: TopicName = Field("customers", description="Topic of customer records.")
    topic_predictions: TopicName = Field("predictions", description="Topic of predictions.")
    topic_outcomes: TopicName = Field("outcomes", description="Topic of what customers really did.")
    topic_dead_letters: TopicName = Field(
        "customers.dead-letters",
        description="Topic of the records that do not fit the contract.",
    )
    topic_alerts: TopicName = Field(
        "alerts", description="Topic of the drift that began and ended."
    )
    topic_retraining_requests: TopicName = Field(
        "retraining-requests", description="Topic of retraining requests."
    )
    topic_model_lifecycle: TopicName = Field(
        "model-lifecycle", description="Topic of lifecycle events of model versions."
    )
    port_offset: int = Field(
        0,
        description="Added to every port that is not set itself, and to the port of the default "
        "Kafka address; the home folder gets it as a suffix. A second stack on this machine needs "
        "this one setting, and so do the commands that are to meet it.",
        ge=0,
        le=50_000,
    )
    partitions: int = Field(4, description="Partitions of a topic that we create.", ge=1, le=10_000)
    replication_factor: int = Field(
        1, description="Replicas of a topic that we create.", ge=1, le=100
    )
    retention_hours: int = Field(
        168, description="Hours that a topic we create keeps its records.", ge=1
    )
    schema_file: str = Field(
        "",
        description="TOML file of the schema of your own data, in place of the cars: "
        "docs/tutorial-own-schema.md.",
    )
    data_dir: Path = Field(
        Path(".intent"),
        description="Folder for what is kept on disk: registry, reports, broker; with a schema "
        "file `.intent/NAME`.",
    )
    mlflow_uri: str = Field(
        "",
        description="MLflow tracking and registry address; SQLite below the home folder if empty.",
    )
    mlflow_username: str = Field("", description="Whom to log in to MLflow as.")
    mlflow_password: SecretStr = Field(SecretStr(""), description="Password for MLflow.")
    mlflow_token: SecretStr = Field(
        SecretStr(""), description="Bearer token for MLflow, instead of a login."
    )
    model_name: str = Field(
        CARS.name,
        description="Name of the registered model; with a schema file the schema's name.",
        min_length=1,
    )
    listen_host: str = Field(
        "127.0.0.1", description="Address that pages and metrics listen on.", min_length=1
    )
    listen_token: SecretStr = Field(
        SecretStr(""),
        description="What pages and metrics ask for, as a bearer token or as the password of any "
        "user; health checks do not. Needed if `listen_host` is not loopback.",
    )
    listen_allowed_hosts: str = Field(
        "",
        description="Host names, comma separated, under which pages and metrics may be asked for "
        "without a token. Addresses, names without a dot and names in a cluster need not be "
        "listed; any other name is refused, because a web page could use it to read from here.",
    )
    listen_allow_anonymous: bool = Field(
        False,
        description="Let pages and metrics be read without a token beyond loopback, where the "
        "network lets nobody in.",
    )
    startup_timeout: float = Field(
        120,
        description="How long (seconds) a process that we start may do nothing before it is ready. "
        "While it uses the processor it is waited for without a limit.",
        gt=0,
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Minimum log level."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Format of log lines: text, or an object of JSON for each."
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
        """What is given, then files of secrets, then variables, then the file of settings."""
        del dotenv_settings, file_secret_settings
        return (
            init_settings,
            SecretFileSource(settings_cls),
            env_settings,
            SettingsFileSource(settings_cls),
        )

    _schema: Schema = PrivateAttr(default_factory=lambda: CARS)

    def _schema_defaults(self, schema: Schema) -> dict[str, Any]:
        """Defaults of settings that depend on the schema, where that is not the cars."""
        return {"data_dir": Path(".intent", schema.name), "model_name": schema.name}

    @model_validator(mode="after")
    def _load_schema(self) -> Self:
        """Raises `BadSetting` where the schema file is no schema."""
        if self.schema_file:
            self._schema = _schema(Path(self.schema_file))
            for name, value in self._schema_defaults(self._schema).items():
                if name not in self.model_fields_set:
                    object.__setattr__(self, name, value)
        return self

    @model_validator(mode="after")
    def _shift(self) -> Self:
        """Applies `port_offset`. What is shifted is still at its default, and not set."""
        if self.port_offset:
            for name in type(self).model_fields.keys() - self.model_fields_set:
                object.__setattr__(
                    self, name, _shifted(name, getattr(self, name), self.port_offset)
                )
        return self

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        faults = "; ".join(_misfits(self))
        if faults:
            raise ValueError(faults)
        return self

    @property
    def registry_uri(self) -> str:
        """Where MLflow keeps runs and models. To be shown it must be `redacted`."""
        return self.mlflow_uri or f"sqlite:///{self.data_dir.resolve() / 'mlflow' / 'mlflow.db'}"

    @property
    def registry_is_missing(self) -> bool:
        """Whether it is an SQLite file that does not exist. MLflow would create it, empty."""
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


def _shifted(name: str, value: Any, offset: int) -> Any:
    if name == "kafka_bootstrap":
        host, _, port = value.rpartition(":")
        return f"{host}:{int(port) + offset}"
    if name == "data_dir":
        return value.with_name(f"{value.name}-{offset}")
    if name.endswith("_port") and value:  # 0 is any that is free
        return value + offset
    return value


def _misfits(own: Settings) -> list[str]:
    """What is wrong between settings that are right by themselves."""
    logs_in = own.kafka_security_protocol.startswith("SASL")
    over_tls = own.kafka_security_protocol.endswith("SSL")
    certificate = bool(own.kafka_certificate_file), bool(own.kafka_key_file)
    login = bool(own.kafka_username), bool(own.kafka_password)
    faults = {
        "INTENT_KAFKA_SECURITY_PROTOCOL with SASL needs INTENT_KAFKA_USERNAME and "
        "INTENT_KAFKA_PASSWORD": logs_in and not all(login),
        "INTENT_KAFKA_USERNAME and INTENT_KAFKA_PASSWORD need an INTENT_KAFKA_SECURITY_PROTOCOL "
        "with SASL, or nobody logs in": not logs_in and any(login),
        "INTENT_KAFKA_SASL_MECHANISM=PLAIN over SASL_PLAINTEXT would send the password in clear": (
            own.kafka_security_protocol == "SASL_PLAINTEXT" and own.kafka_sasl_mechanism == "PLAIN"
        ),
        "INTENT_KAFKA_CERTIFICATE_FILE and INTENT_KAFKA_KEY_FILE need each other": (
            len(set(certificate)) > 1
        ),
        "INTENT_KAFKA_CERTIFICATE_FILE needs an INTENT_KAFKA_SECURITY_PROTOCOL with SSL, or nobody "
        "sees it": any(certificate) and not over_tls,
        "INTENT_MLFLOW_USERNAME and INTENT_MLFLOW_PASSWORD need each other": (
            bool(own.mlflow_username) != bool(own.mlflow_password)
        ),
        f"INTENT_LISTEN_HOST={own.listen_host} lets others than this machine read pages and "
        "metrics: set INTENT_LISTEN_TOKEN, or INTENT_LISTEN_ALLOW_ANONYMOUS=true if the network "
        "lets nobody in": not (
            is_loopback(own.listen_host) or own.listen_token or own.listen_allow_anonymous
        ),
    }
    return [fault for fault, is_so in faults.items() if is_so]


def is_loopback(host: str) -> bool:
    """Whether what listens on a host is for this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process these settings, secrets included."""
    return {env_variable(name): _text(value) for name, value in settings}


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def load(cls: type[S], **given: object) -> S:
    """The settings of a stage from variables and the file; `given` has the last word.

    Raises `BadSetting` that names every fault at once. A variable that no stage reads is warned of:
    it may be another program's. What is in the file is ours, so there it is a fault.
    """
    settings, faults = try_load(cls, **given)
    if settings is None:
        raise BadSetting(describe_faults(faults))
    return settings


def try_load(cls: type[S], **given: object) -> tuple[S | None, list[str]]:
    """The settings, or None and every fault. Raises `BadSetting` where the file cannot be read."""
    _warn_of_strangers(cls)
    faults = list(_strangers_in_file(cls))
    try:
        settings = cls(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        for fault in error.errors():
            if isinstance(fault["input"], str):
                register_secrets(secrets_in_url(fault["input"]))
        origin = setting_origins(cls)
        return None, faults + [_fault(cls, fault, origin) for fault in error.errors()]
    _hide_secrets(settings)
    return (None if faults else settings), faults


def _hide_secrets(settings: Settings) -> None:
    for _, value in settings:
        if isinstance(value, SecretStr):
            register_secrets([value.get_secret_value()])
        elif isinstance(value, str):
            register_secrets(secrets_in_url(value))


def describe_faults(faults: Iterable[str]) -> str:
    """What to tell the user of them."""
    return f"correct these settings: {'; '.join(faults)}"


def setting_origins(cls: type[Settings]) -> dict[str, str]:
    """Where the settings come from that are not at their defaults: `ENVIRONMENT`, or a file's name.

    Raises `BadSetting` where the file cannot be read.
    """
    from_file = dict.fromkeys(SettingsFileSource(cls)(), str(settings_file.settings_file_path()))
    told = [*EnvSettingsSource(cls)(), *SecretFileSource(cls)()]
    return from_file | dict.fromkeys(told, ENVIRONMENT)


def env_variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def _fault(cls: type[Settings], fault: Mapping[str, Any], origin: Mapping[str, str]) -> str:
    if not fault["loc"]:  # of several settings; its input is all of them
        return str(fault["msg"]).removeprefix("Value error, ")
    name = "_".join(map(str, fault["loc"]))
    field = cls.model_fields.get(str(fault["loc"][0]))
    is_secret = field is not None and field.annotation is SecretStr
    given = "" if is_secret else f"={redact(shlex.quote(str(fault['input'])))}"
    told = f"{env_variable(name)}{given}"
    place = origin.get(name, ENVIRONMENT)
    what = str(fault["msg"]).removeprefix("Value error, ")
    return f"{told}{'' if place == ENVIRONMENT else f' in {place}'}: {what}"


def _strangers_in_file(cls: type[Settings]) -> Iterator[str]:
    for name, near in unknown_settings(settings_file.read_settings_file(), cls.model_fields):
        meant = f": did you mean {near}?" if near else ""
        yield f"{name} in {settings_file.settings_file_path()} is no setting{meant}"


def _warn_of_strangers(cls: type[Settings]) -> None:
    ours = [name[len(PREFIX) :].lower() for name in os.environ if name.upper().startswith(PREFIX)]
    files = [f"{name}_file" for name in known_setting_names()]  # of secrets
    for name, near in unknown_settings(ours, [*cls.model_fields, *ENVIRONMENT_ONLY, *files]):
        _warn(env_variable(name), env_variable(near) if near else "")


@cache
def _warn(name: str, near: str) -> None:
    """Once in a process."""
    log.warning("%s is read by nobody%s", name, f": did you mean {near}?" if near else "")
