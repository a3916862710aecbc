"""A topic on the command line: by what is on it, whatever the settings name it."""

from dataclasses import fields
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from intent.cli.flags import found

if TYPE_CHECKING:
    from contract.settings import Settings


class TopicName(click.ParamType):
    """One of the topic map's fields, with hyphens."""

    name = "topic"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as given. Fails with all that there are."""
        if value not in self.all():
            self.fail(f"{value!r} is none of {', '.join(self.all())}", param, ctx)
        return value

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Those that begin so."""
        del ctx, param
        return [CompletionItem(name) for name in self.all() if name.startswith(incomplete)]

    @staticmethod
    def all() -> list[str]:
        """What can be asked for."""
        return [field.name.replace("_", "-") for field in fields(found("contract.topics:Topics"))]

    @staticmethod
    def found(settings: "Settings", name: str) -> str:
        """The topic's name under these settings."""
        topic = getattr(found("contract.topics:topics")(settings), name.replace("-", "_"))
        return str(topic.name)
