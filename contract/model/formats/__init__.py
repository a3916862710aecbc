"""Formats of models: data files that a library loads without running code of the file.

`FORMATS` has each format beside skops (`contract.model.estimator`). A library is imported when a
file of its format is loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Final, cast

from packaging.version import Version

from contract.errors import first_line
from contract.model.manifest import Manifest
from contract.model.predictor import NativeModel
from contract.model.version import ModelRejected, ModelRejectionReason


@dataclass(frozen=True)
class ModelFormat:
    """A format.

    Attributes:
        name: Of its extra, of its MLflow flavor, and of its module in this package.
        suffixes: Of its files.
        distributions: Packages that provide the library; the first that is installed counts.
    """

    name: str
    suffixes: tuple[str, ...]
    distributions: tuple[str, ...]

    def installed_version(self) -> str | None:
        """Version of the library; None if it is not installed."""
        for name in self.distributions:
            try:
                return version(name)
            except PackageNotFoundError:
                continue
        return None

    def load(self, content: bytes) -> NativeModel:
        """Loads a file's content.

        Raises:
            ModelRejected: The library is not installed, or does not load it.
        """
        if self.installed_version() is None:
            raise ModelRejected(
                ModelRejectionReason.LIBRARY,
                f"a model in the format {self.name} needs {self.distributions[0]}, which is not "
                f"installed: run `pip install 'intent-stream[{self.name}]'`",
            )
        module = import_module(f"{__name__}.{self.name}")
        load = cast("Callable[[bytes], NativeModel]", module.load)
        try:
            return load(content)
        except Exception as failure:  # a damaged or foreign file may raise anything
            message = f"the {self.name} file does not load: {first_line(failure)}"
            raise ModelRejected(ModelRejectionReason.LOAD, message) from failure


FORMATS: Final = {
    each.name: each
    for each in (
        ModelFormat("xgboost", (".ubj", ".json"), ("xgboost", "xgboost-cpu")),
        ModelFormat("lightgbm", (".lgb", ".txt"), ("lightgbm",)),
        ModelFormat("catboost", (".cb", ".cbm"), ("catboost",)),
        ModelFormat("onnx", (".onnx",), ("onnxruntime", "onnxruntime-gpu")),
    )
}
"""The formats by name."""


def format_of_manifest(manifest: Manifest) -> ModelFormat:
    """The format of a version.

    Raises:
        ModelRejected: It is unknown here, or a newer library registered the version.
    """
    model_format = FORMATS.get(manifest.format)
    if model_format is None:
        raise ModelRejected(
            ModelRejectionReason.LIBRARY,
            f"its format {manifest.format} is unknown to this release, which knows "
            f"{', '.join(FORMATS)}: install the release that registered it",
        )
    installed = model_format.installed_version()
    if installed is not None and _release(installed) < _release(manifest.library):
        raise ModelRejected(
            ModelRejectionReason.LIBRARY,
            f"it was registered with {model_format.name} {manifest.library}, and {installed} is "
            "installed here: run "
            f"`pip install '{model_format.distributions[0]}>={manifest.library}'`",
        )
    return model_format


def _release(number: str) -> tuple[int, int]:
    parsed = Version(number)
    return parsed.major, parsed.minor
