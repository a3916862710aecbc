"""Parses command-line arguments: topic names and start positions."""

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from contract.settings import Settings

START_POSITIONS: Final = (
    "beginning, end, an offset, a time (2026-01-31T12:00) or an age (30s, 10m, 2h, 1d)"
)

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class TopicName(click.ParamType):
    """A field of the topic map, with hyphens; the topic's real name depends on the settings."""

    name = "topic"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the argument. Fails with the valid names if it is not one of them."""
        if value not in self.choices():
            self.fail(f"{value!r} is none of {', '.join(self.choices())}", param, ctx)
        return value

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Names that begin with the incomplete one."""
        del ctx, param
        return [CompletionItem(name) for name in self.choices() if name.startswith(incomplete)]

    @staticmethod
    def choices() -> list[str]:
        """The valid names."""
        from contract.topics import Topics  # noqa: PLC0415  help imports only click

        return [field.name.replace("_", "-") for field in fields(Topics)]

    @staticmethod
    def resolve(settings: "Settings", name: str) -> str:
        """The topic's real name under these settings."""
        from contract.topics import topics  # noqa: PLC0415

        topic = getattr(topics(settings), name.replace("-", "_"))
        return str(topic.name)


@dataclass(frozen=True)
class StartPosition:
    """Where to start in every partition; `value` is an offset, or a time in ms since the epoch."""

    kind: Literal["beginning", "end", "offset", "time"]
    value: int = 0


def parse_start_position(text: str, now: float) -> StartPosition:
    """Parses the value of `--from`.

    Args:
        text: As described by `START_POSITIONS`. A time without a zone is UTC.
        now: Seconds since the epoch.

    Raises:
        ValueError: The text is none of these, or a time in the future.
    """
    if text == "beginning":
        return StartPosition("beginning")
    if text == "end":
        return StartPosition("end")
    if text.isdecimal():
        return StartPosition("offset", int(text))
    age = re.fullmatch(r"(\d+)([smhd])", text)
    if age:
        seconds = now - int(age[1]) * _SECONDS[age[2]]
        return StartPosition("time", max(0, round(1000 * seconds)))
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is none of: {START_POSITIONS}") from None
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    if seconds > now:
        present = datetime.fromtimestamp(now, UTC)
        raise ValueError(f"{text!r} is in the future: now is {present:%Y-%m-%dT%H:%M:%SZ}")
    return StartPosition("time", max(0, round(1000 * seconds)))
