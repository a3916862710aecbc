"""`intent register`: checks a model that was not trained here, and registers it as a version."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import mlflow
import msgspec

from contract.errors import BadDataset, ModelUnavailable
from contract.model.verification import verify
from contract.registry import DIGEST_TAG, EXAMPLE_FILE, REFERENCE_FILE, Example
from contract.schema import Schema
from contract.settings import schema_of
from data.dataset import load_rows
from training import promotion, provenance
from training.adoption.candidate import AdoptedModel, write_version
from training.adoption.evaluation import AdoptionEvaluation, evaluate
from training.adoption.request import Adoption
from training.adoption.source import open_source
from training.registry import EXAMPLE_ROWS, ensure_registered_model, experiment_id, rule_tags
from training.registry_client import champion_version, registry_client
from training.settings import TrainingSettings
from training.steps import HELD_OUT_ROWS, gate_tags
from training.trigger import Trigger

FORMAT_TAG: Final = "model.format"
"""Tag of an adopted version: the format of its model."""

SOURCE_TAG: Final = "model.source"
"""Tag of an adopted version: the file, run or version that it was made of."""

SCORES: Final = {"accuracy": "accuracy", "log_loss": "log loss", "mae": "MAE", "r2": "R squared"}
"""Scores in the command's output."""


def register(settings: TrainingSettings, adoption: Adoption) -> str:
    """Registers a model as a version; returns sentences on the version and its role.

    Raises:
        BadSetting: The model is of no format that is loaded without running code, or its file
            leaves open how columns become its features.
        BadDataset: The rows cannot be used.
        ModelRejected: Scorers would reject the model. Nothing is registered.
        ModelUnavailable: The registry does not answer, or the gate rejected the version.
    """
    schema = schema_of(settings)
    if not adoption.rows.is_file():
        raise BadDataset(f"{adoption.rows}: no such file; give a CSV or Parquet file with --rows")
    cells = load_rows(adoption.rows, schema)
    records = schema.encoder.to_records(cells)
    rows = schema.encoder.to_frame(records)
    if schema.target.name in cells.columns:
        rows[schema.target.name] = cells[schema.target.name]
    with TemporaryDirectory() as folder:
        with open_source(settings, adoption.model) as source:
            model = write_version(settings, source, adoption.options, Path(folder))
        microseconds = verify(
            "the model", model.predictor, schema, settings.model_max_row_microseconds
        )
        _write_example(schema, model, records[:EXAMPLE_ROWS], Path(folder))
        champion = None if settings.registry_is_missing else champion_version(settings)
        if adoption.alias == "challenger" and champion is None:
            raise ModelUnavailable(
                f"{settings.model_name} has no champion that a challenger could be compared with: "
                "use --alias champion --reason 'initial model'"
            )
        evaluation = evaluate(settings, model.predictor, rows, microseconds, champion)
        version = _log_version(settings, adoption, model, evaluation, Path(folder))
    summary = (
        f"registered version {version} of {settings.model_name}: {model.library}, "
        f"{microseconds:.2g} us a row{_scores(evaluation)}"
    )
    return f"{summary}\n{_set_alias(settings, adoption, evaluation, version, champion)}"


def _write_example(schema: Schema, model: AdoptedModel, records: list[Any], folder: Path) -> None:
    outputs = model.predictor.outputs(schema.encoder.to_arrays(records))
    example = Example(records, outputs.tolist())
    (folder / EXAMPLE_FILE).write_bytes(msgspec.json.encode(example))


def _log_version(
    settings: TrainingSettings,
    adoption: Adoption,
    model: AdoptedModel,
    evaluation: AdoptionEvaluation,
    folder: Path,
) -> str:
    """Logs the run and the files; returns the new version."""
    trigger = Trigger("person", message=f"{adoption.user}: intent register {adoption.model}")
    own_tags = {FORMAT_TAG: model.format, SOURCE_TAG: adoption.model, **trigger.tags()}
    tags = {
        **own_tags,
        "data.file": adoption.rows.name,
        "data.file_sha256": provenance.file_sha256(adoption.rows),
        "version.library": model.library,
        **_gate_tags(evaluation),
    }
    with registry_client(settings) as client:
        experiment = experiment_id(client, settings)
        with mlflow.start_run(experiment_id=experiment, tags=tags) as run:
            mlflow.log_metrics(dict(evaluation.metrics))
            mlflow.log_text(evaluation.reference.to_csv(index=False), REFERENCE_FILE)
            for path, text in evaluation.texts.items():
                mlflow.log_text(text, path)
        logged = client.create_logged_model(experiment, "model", run.info.run_id)
        client.log_model_artifacts(logged.model_id, str(folder))
        client.finalize_logged_model(logged.model_id, "READY")
        ensure_registered_model(client, settings.model_name)
        version = client.create_model_version(
            settings.model_name,
            logged.model_uri,
            run.info.run_id,
            tags={
                DIGEST_TAG: model.sha256,
                **(rule_tags(schema_of(settings), evaluation.rule) if evaluation.rule else {}),
                **own_tags,
            },
            model_id=logged.model_id,
        )
        return str(version.version)


def _gate_tags(evaluation: AdoptionEvaluation) -> Mapping[str, str]:
    if evaluation.decision is None:
        return {"gate": "not run", "gate.reason": "the rows have no labels"}
    return gate_tags(evaluation.decision)


def _scores(evaluation: AdoptionEvaluation) -> str:
    if evaluation.decision is None:
        return ", not evaluated: the rows have no labels"
    metrics = evaluation.metrics
    named = [f"{SCORES[name]} {metrics[name]:.3f}" for name in SCORES if name in metrics]
    return f", {' and '.join(named)} on {metrics[HELD_OUT_ROWS]:,.0f} labelled rows"


def _set_alias(
    settings: TrainingSettings,
    adoption: Adoption,
    evaluation: AdoptionEvaluation,
    version: str,
    champion: str | None,
) -> str:
    reason = f"{adoption.user}: {adoption.reason or f'intent register {adoption.model}'}"
    if adoption.alias is None:
        return f"no alias names it: make it champion with `intent promote {version} --reason 'WHY'`"
    if adoption.alias == "champion":
        if not promotion.promote(settings, version, champion, reason, allow_rolled_back=True):
            raise ModelUnavailable(
                f"another version became champion meanwhile, so version {version} has no alias: "
                f"check which, then `intent promote {version} --reason 'WHY'`"
            )
        return f"it is the champion; previous champion: {champion or 'none'}"
    decision = evaluation.decision
    if decision is not None and not decision.promote:
        promotion.reject(settings, version, decision.reason)
        raise ModelUnavailable(
            f"the gate rejected version {version}, which is registered without an alias "
            f"({decision.reason}): register a better model, or accept it with "
            f"`intent promote {version} --reason 'WHY'`"
        )
    promotion.set_challenger(settings, version, str(champion), reason)
    records = settings.shadow_min_records
    ends = (
        f"after {records:,} labelled records it is promoted or rejected"
        if records
        else "INTENT_SHADOW_MIN_RECORDS is 0, so it stays there until "
        f"`intent promote {version} --reason 'WHY'`"
    )
    return f"it is the challenger and scores in the shadow of version {champion}: {ends}"
