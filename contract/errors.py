"""Every error this project raises on purpose.

    Exception
    ├── PipelineError             stops the process: one line, a non-zero exit code
    │   ├── BadSetting            2   a setting is missing, malformed or out of range
    │   ├── BadDataset            3   the data file cannot be used; names file, line and column
    │   ├── BrokerUnreachable     4   no Kafka broker answers
    │   ├── TopicUnavailable      5   a topic is missing and cannot be created
    │   ├── ModelUnavailable      6   the registry or its champion cannot be loaded
    │   │   └── RegistryDenied   12   the registry refuses this user, or what it would do
    │   ├── PortTaken             7   another process listens where we must
    │   ├── StorageFailed         8   a folder cannot be written, or the disk is full
    │   ├── RunIncomplete         9   a bounded run ended with records unaccounted for
    │   ├── WorkerFailed         10   a process of the pipeline ended or gave up
    │   ├── TooManyDeadLetters   11   almost no record fits the contract
    │   ├── AccessDenied         12   Kafka refuses this user, or what it would do
    │   ├── SchemaRefused        13   a topic's value would break those who use it
    │   ├── ClusterRefused       14   Kafka does not become what an admin wants of it
    │   ├── NotInstalled         15   a library that this command needs is not there
    │   └── LimitTooLow          16   not enough memory or open files for this process
    └── InvalidRecord             stops nothing: the record becomes a dead letter

Whatever else escapes is a bug: exit code 1, and its traceback in a file that the line names.
"""

from enum import StrEnum

from contract.redaction import redacted


class PipelineError(Exception):
    """A fault that stops the process. Its text is one line that says what to do."""

    exit_code = 1

    def __init__(self, text: str) -> None:
        super().__init__(redacted(text))


class BadSetting(PipelineError):
    """A setting cannot be used."""

    exit_code = 2


class BadDataset(PipelineError):
    """A data file cannot be used."""

    exit_code = 3


class BrokerUnreachable(PipelineError):
    """No broker answers at the bootstrap address."""

    exit_code = 4


class TopicUnavailable(PipelineError):
    """A topic is missing and we may not, or could not, create it."""

    exit_code = 5


class ModelUnavailable(PipelineError):
    """The registry does not answer, has no champion, or the champion does not load."""

    exit_code = 6


class RegistryDenied(ModelUnavailable):
    """The registry does not let this user in, or not do what it would do."""

    exit_code = 12


class PortTaken(PipelineError):
    """The port that this process must listen on is in use."""

    exit_code = 7


class StorageFailed(PipelineError):
    """A folder cannot be written to, or the disk is full."""

    exit_code = 8


class RunIncomplete(PipelineError):
    """A bounded run ended, and not every record is accounted for."""

    exit_code = 9


class WorkerFailed(PipelineError):
    """A process of the pipeline ended or gave up."""

    exit_code = 10


class TooManyDeadLetters(PipelineError):
    """Almost no record fits the contract: it is not the records that must be looked at."""

    exit_code = 11


class AccessDenied(PipelineError):
    """Kafka does not let this user in, or not do what it would do."""

    exit_code = 12


class SchemaRefused(PipelineError):
    """A schema breaks what was promised, or a Schema Registry does not take it."""

    exit_code = 13


class ClusterRefused(PipelineError):
    """Kafka does not make, change or delete what its admin wants."""

    exit_code = 14


class NotInstalled(PipelineError):
    """A library is missing that this command needs."""

    exit_code = 15


class LimitTooLow(PipelineError):
    """This process may not use enough memory, or not open enough files."""

    exit_code = 16


def first_line(failure: Exception) -> str:
    """Another library's fault in one line."""
    return next(iter(str(failure).splitlines()), type(failure).__name__)


class Reason(StrEnum):
    """Why a record does not fit the contract. Bounded, so that it can be a metric label."""

    NULL_VALUE = "null_value"
    MALFORMED_JSON = "malformed_json"
    SCHEMA_REGISTRY_HEADER = "schema_registry_header"
    INVALID_UTF8 = "invalid_utf8"
    TOO_DEEP = "too_deep"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_CATEGORY = "unknown_category"
    TOO_LARGE = "too_large"


class InvalidRecord(Exception):
    """A record that does not fit the contract.

    Attributes:
        reason: the class of fault.
        detail: the fault in words, with the place in the record where there is one.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
