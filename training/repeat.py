"""`python -m training.repeat VERSION`: trains a version again, from the rows logged with it."""

# ruff: noqa: PLC0415  MLflow reads its variables when imported, so these are set first

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from contract.errors import ModelUnavailable, RunIncomplete
from contract.process import run_main
from contract.registry import check_registry
from contract.settings import load
from training import environment
from training.settings import Estimator, TrainingSettings

if TYPE_CHECKING:
    from training.registry import Told as Known
    from training.train import Told


@dataclass(frozen=True)
class Repeated:
    """A version trained a second time.

    Attributes:
        rows: given to it.
        difference: the largest between the two models' probabilities of those rows; 0 if the
            model is the same, bit by bit, in all that it says.
        changed: libraries whose version is another one now, with both versions.
    """

    rows: int
    difference: float
    changed: dict[str, tuple[str, str]]


def repeat(settings: TrainingSettings, version: str) -> Repeated:
    """Trains the version again from its own rows, as it was told then.

    Raises `ModelUnavailable`, also where the rows are not those that its run names.
    """
    from training import checked, provenance, registry, train
    from training.recent import rows as row_file
    from training.threads import limited_to_cpus

    known = registry.told(settings, version)
    text = registry.artifact(settings, version, row_file.ARTIFACT).decode()
    if provenance.text_sha256(text) != known.tags["data.artifact_sha256"]:
        raise ModelUnavailable(
            f"{row_file.ARTIFACT} of version {version} of {settings.model_name} was changed since "
            "it was logged: it cannot be repeated"
        )
    rows = row_file.from_text(text)
    with limited_to_cpus():
        again = train.learn(rows, _told(known)).model
    first = checked.load(settings, version)
    distance = train.probabilities(again, rows) - train.probabilities(first, rows)
    now = provenance.versions()
    changed = {
        name: (known.tags[f"version.{name}"], now[name])
        for name in now
        if known.tags[f"version.{name}"] != now[name]
    }
    return Repeated(len(rows), float(abs(distance).max()), changed)


def main(arguments: Sequence[str] | None = None) -> None:
    """Exits with 0 only if the model is the same."""
    parser = argparse.ArgumentParser(prog="python -m training.repeat", description=__doc__)
    parser.add_argument("version")
    version = parser.parse_args(arguments).version
    settings = load(TrainingSettings)
    check_registry(settings)
    environment.configure_libraries(settings, prefect_log_level="CRITICAL")
    found = repeat(settings, version)
    libraries = ", ".join(
        f"{name} {old} then, {new} now" for name, (old, new) in found.changed.items()
    )
    if found.difference:
        raise RunIncomplete(
            f"version {version} trained again differs by up to {found.difference:g} in its "
            f"probabilities: {libraries or 'the code or the machine is another one'}"
        )
    print(f"version {version} is the same, trained again from its {found.rows} rows")  # noqa: T201


def _told(known: "Known") -> "Told":
    from training.train import Told

    params = known.params
    (estimator,) = [kind for kind in get_args(Estimator) if kind == params["estimator"]]
    return Told(
        estimator,
        int(params["random_state"]),
        float(params["held_out_ratio"]),
        int(params["evaluation_rows"]),
    )


if __name__ == "__main__":
    run_main(main)
