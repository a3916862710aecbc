"""All exceptions of this project, with the exit codes of those that end a process.

    Exception
    ├── PipelineError              ends the process: one line and a non-zero exit code
    │   ├── BadSetting             2   a setting is missing, malformed or out of range
    │   ├── BadDataset             3   a data file is missing or malformed
    │   ├── BrokerUnreachable      4   no Kafka broker answers
    │   ├── TopicUnavailable       5   a topic does not exist and cannot be created
    │   ├── ModelUnavailable       6   the registry or its champion cannot be loaded
    │   │   └── RegistryDenied    12   the model registry denies access
    │   ├── PortTaken              7   a port is in use
    │   ├── StorageFailed          8   a folder is not writable, or the disk is full
    │   ├── RunIncomplete          9   a bounded run ended with records unaccounted for
    │   ├── WorkerFailed          10   a process of the pipeline ended or timed out
    │   ├── TooManyDeadLetters    11   the ratio of dead letters is at its limit
    │   ├── AccessDenied          12   Kafka denies access
    │   ├── SchemaRejected        13   a schema is incompatible or rejected
    │   ├── ClusterChangeFailed   14   Kafka rejects a change of topics, users or quotas
    │   ├── NotInstalled          15   a library that the command needs is not installed
    │   ├── LimitTooLow           16   too little memory or too few open files
    │   └── SchemaRegistryUnavailable  17   no Schema Registry answers
    └── InvalidRecord              ends nothing: the record becomes a dead letter

Any other exception is a bug: exit code 1, and its traceback in a file that the line names.
"""

from enum import StrEnum

from contract.redaction import redact


class PipelineError(Exception):
    """Ends the process. Its text is one line: what failed, the value, what to do."""

    exit_code = 1

    def __init__(self, text: str) -> None:
        super().__init__(redact(text))


class BadSetting(PipelineError):
    """A setting is missing, malformed or out of range."""

    exit_code = 2


class BadDataset(PipelineError):
    """A data file is missing or malformed."""

    exit_code = 3


class BrokerUnreachable(PipelineError):
    """No Kafka broker answers at the bootstrap address."""

    exit_code = 4


class TopicUnavailable(PipelineError):
    """A topic does not exist and cannot be created."""

    exit_code = 5


class ModelUnavailable(PipelineError):
    """The registry does not answer or has no champion, or the champion does not load."""

    exit_code = 6


class RegistryDenied(ModelUnavailable):
    """The model registry rejects the login, or a permission is missing."""

    exit_code = 12


class PortTaken(PipelineError):
    """A port that this process listens on is in use."""

    exit_code = 7


class StorageFailed(PipelineError):
    """A folder is not writable, or the disk is full."""

    exit_code = 8


class RunIncomplete(PipelineError):
    """A bounded run lost or duplicated records, or a model was not reproduced."""

    exit_code = 9


class WorkerFailed(PipelineError):
    """A process of the pipeline ended or timed out."""

    exit_code = 10


class TooManyDeadLetters(PipelineError):
    """The ratio of dead letters is at its limit: schema and producer disagree."""

    exit_code = 11


class AccessDenied(PipelineError):
    """Kafka rejects the login, or a permission is missing."""

    exit_code = 12


class SchemaRejected(PipelineError):
    """A schema is incompatible with the released one, or a Schema Registry rejects it."""

    exit_code = 13


class ClusterChangeFailed(PipelineError):
    """Kafka rejects a change of topics, users, permissions or quotas."""

    exit_code = 14


class NotInstalled(PipelineError):
    """A library that this command needs is not installed."""

    exit_code = 15


class LimitTooLow(PipelineError):
    """The limit of memory or open files is too low for this process."""

    exit_code = 16


class SchemaRegistryUnavailable(PipelineError):
    """The Schema Registry does not answer, or not as one."""

    exit_code = 17


def first_line(failure: Exception) -> str:
    """First line of an exception's text, or its class name."""
    return next(iter(str(failure).splitlines()), type(failure).__name__)


class DeadLetterReason(StrEnum):
    """Why a record has no prediction. Values are labels of a metric."""

    NULL_VALUE = "null_value"
    MALFORMED_JSON = "malformed_json"
    SCHEMA_REGISTRY_HEADER = "schema_registry_header"
    MALFORMED_AVRO = "malformed_avro"
    UNKNOWN_SCHEMA = "unknown_schema"
    INVALID_UTF8 = "invalid_utf8"
    TOO_DEEP = "too_deep"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_CATEGORY = "unknown_category"
    TOO_LARGE = "too_large"
    NO_PROBABILITY = "no_probability"


class InvalidRecord(Exception):
    """A record does not match the schema.

    Attributes:
        reason: The kind of fault.
        detail: The fault in words, with its position in the record if known.
    """

    def __init__(self, reason: DeadLetterReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
