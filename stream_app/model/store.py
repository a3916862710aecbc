"""The registry's champion -> a model that scores, by the quickest way that is exact."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from contract.errors import ModelUnavailable
from contract.events import CustomerRecord
from contract.features import Columns, Floats, columns, frame_of
from contract.settings import Settings, environment
from stream_app.model import local_registry
from stream_app.model.compiled import Form, kept
from stream_app.model.located import Answer, Located


@dataclass(frozen=True)
class RegisteredModel:
    """A version of the registered model, loaded.

    `is_compiled` is false where scikit-learn itself scores, which is some hundred times slower.
    """

    name: str
    version: str
    form: Form
    is_compiled: bool

    def probabilities(self, records: Sequence[CustomerRecord]) -> Floats:
        """The probability of a purchase for each record, shape (n,)."""
        return self.form.probabilities(columns(records))


@dataclass(frozen=True)
class ScikitLearn:
    """A fitted classifier as it is."""

    estimator: Any

    def probabilities(self, given: Columns) -> Floats:
        """The probability of a purchase for each of n records, shape (n,)."""
        probabilities: Floats = self.estimator.predict_proba(frame_of(given))[:, 1]
        return probabilities


def load_champion(settings: Settings) -> RegisteredModel:
    """The version that the champion alias points at.

    Raises `ModelUnavailable` when the registry does not answer, has no champion, or the
    champion does not load.
    """
    name = settings.model_name
    located = local_registry.champion(settings)
    if located is not None:
        form = kept.read(kept.path(settings.home, located.file))
        if form is not None:
            return RegisteredModel(name, located.version, form, is_compiled=True)
    answer = _compiled_elsewhere(settings)
    form = kept.read(Path(answer.form)) if answer.form else None
    if form is not None:
        return RegisteredModel(name, answer.version, form, is_compiled=True)
    from stream_app.model.skops_file import load_estimator  # noqa: PLC0415  imports scikit-learn

    estimator = load_estimator(Located(answer.version, Path(answer.model)))
    return RegisteredModel(name, answer.version, ScikitLearn(estimator), is_compiled=False)


def _compiled_elsewhere(settings: Settings) -> Answer:
    """Asks `stream_app.model.compile`, whose faults are ours."""
    asked = subprocess.run(
        [sys.executable, "-m", "stream_app.model.compile"],
        env={**os.environ, **environment(settings)},
        capture_output=True,
        check=False,
    )
    if asked.returncode:
        said = asked.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise ModelUnavailable(said[-1].removeprefix("error: "))
    sys.stderr.buffer.write(asked.stderr)  # its log lines
    return msgspec.json.decode(asked.stdout.splitlines()[-1], type=Answer)
