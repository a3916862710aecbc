"""A version -> a model that scores, loaded and checked while another one scores."""

from pathlib import Path

from contract.errors import ModelUnavailable
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion
from contract.registry import MODEL_FILE
from contract.settings import Settings, schema_of
from stream_app.model.answer import Answer, Refusal
from stream_app.model.compiled import kept
from stream_app.model.elsewhere import Elsewhere
from stream_app.model.known import checked, known
from stream_app.model.registered import RegisteredModel, ScikitLearn


class Loading:
    """One version on its way; without one, the champion as MLflow has it.

    Args:
        settings: of the worker.
        version: what to load.
        beside: a worker scores meanwhile, and must not notice.
        only_compiled: what scikit-learn itself would have to score is refused.
    """

    def __init__(
        self,
        settings: Settings,
        version: ModelVersion | None,
        *,
        beside: bool = False,
        only_compiled: bool = False,
    ) -> None:
        self._settings = settings
        self._version = version
        self._beside = beside
        self._only_compiled = only_compiled
        self._process: Elsewhere | None = None

    def result(self, wait: float = 0) -> RegisteredModel | None:
        """The model; None if it is not there after so many seconds.

        Raises `Refused`, and another `ModelUnavailable` where the registry does not give it.
        """
        if self._process is None:
            model = known(self._settings, self._version) if self._version else None
            if model is not None:
                return model
            number = self._version.number if self._version else None
            self._process = Elsewhere(self._settings, number, beside=self._beside)
        told = self._process.answer(wait)
        if isinstance(told, Refusal):
            raise ModelRejected(told.reason, told.words)
        return None if told is None else self._made(told)

    def end(self) -> None:
        """Gives it up."""
        if self._process is not None:
            self._process.end()

    def _made(self, told: Answer) -> RegisteredModel:
        version = ModelVersion(told.version, told.sha256, Path(told.folder))
        if told.form is not None:
            form = kept.read(Path(told.form))
            if form is None:
                raise ModelUnavailable(f"{told.form} was made a moment ago and cannot be read")
            return checked(self._settings, version, form, is_compiled=True)
        if self._only_compiled:
            raise too_slow(told.version)
        from contract.model.estimator import load_estimator  # noqa: PLC0415  scikit-learn

        schema = schema_of(self._settings)
        estimator = load_estimator(told.version, Path(told.folder, MODEL_FILE), schema)
        model = ScikitLearn(estimator, schema)
        return checked(self._settings, version, model, is_compiled=False)


def too_slow(version: str) -> ModelRejected:
    """The fault of a version that is not compiled, in the shadow of a champion that is."""
    return ModelRejected(
        ModelRejectionReason.SLOW,
        f"version {version} does not compile, and scikit-learn would slow the champion down by a "
        "hundred times",
    )
