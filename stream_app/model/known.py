"""A version that this machine has compiled before -> a model that scores, without scikit-learn."""

from contract.model.checks import check_digest, check_example, load_example
from contract.model.version import ModelVersion, version_folder
from contract.registry import MODEL_FILE
from contract.settings import Settings, schema_of
from stream_app.model.compiled import Form, kept
from stream_app.model.registered import RegisteredModel


def known(settings: Settings, version: ModelVersion) -> RegisteredModel | None:
    """The model; None if its files or its form are not on this machine. Raises `Refused`."""
    files = version_folder(settings, version)
    if not (files / MODEL_FILE).is_file():
        return None
    form = kept.read(kept.path(settings.data_dir, check_digest(version, files)))
    return None if form is None else checked(settings, version, form, is_compiled=True)


def checked(
    settings: Settings, version: ModelVersion, form: Form, *, is_compiled: bool
) -> RegisteredModel:
    """The model that a form is, once it has scored the version's example: warm, and agreed with.

    Raises `Refused`.
    """
    schema = schema_of(settings)
    model = RegisteredModel(settings.model_name, version, form, schema, is_compiled)
    example = load_example(version, version_folder(settings, version), schema)
    check_example(version, example, model.probabilities)
    return model
