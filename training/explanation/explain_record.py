"""Explains a record by the registered version that scored it. Reads the registry."""

import io

import pandas as pd

from contract.events import CustomerRecord, Prediction
from contract.registry import REFERENCE_FILE
from contract.settings import Settings, schema_of
from training.explanation.explain import Explanation, explain
from training.model_loading import load_model
from training.registry import read_artifact


def explain_record(
    settings: Settings, prediction: Prediction, record: CustomerRecord
) -> Explanation:
    """Explains a record by the version of its prediction.

    Raises:
        ModelRejected: the version does not pass the checks of a worker.
        ModelUnavailable: the registry does not answer, or does not have the version any more.
    """
    schema = schema_of(settings)
    of_prediction = settings.model_copy(update={"model_name": prediction.model})
    model = load_model(of_prediction, prediction.model_version)
    content = read_artifact(of_prediction, prediction.model_version, REFERENCE_FILE)
    reference = pd.read_csv(io.BytesIO(content), **schema.csv_types)
    return explain(model, schema.encoder.to_frame([record]), reference, schema)
