"""`python -m compose.sizing`: what a rate of records takes and costs, with figures of your own."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import fields

from compose.sizing.figures import Figures
from compose.sizing.page import option, page
from contract.process import run


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the page."""
    parser = argparse.ArgumentParser(prog="python -m compose.sizing", description=__doc__)
    for each in fields(Figures):
        parser.add_argument(
            option(each.name),
            type=_positive(int if isinstance(each.default, int) else float),
            default=each.default,
            metavar="NUMBER",
            help=f"{each.metadata['words']}; default: {each.default:g}",
        )
    print(page(Figures(**vars(parser.parse_args(arguments)))), end="")


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if value <= 0:
            raise ValueError
        return value

    return number


if __name__ == "__main__":
    run(main)
