"""A loaded model and the schema -> how columns become its features, and its outputs classes. Pure.

Names that the model file has decide. Where it has none, the options of `intent register` do, and
never a guess: a wrong order would give wrong predictions without an error.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from contract.errors import BadSetting, first_line
from contract.model.manifest import ModelInput
from contract.model.predictor import NativeModel, read_inputs
from contract.model.verification import probe
from contract.model.version import ModelRejected, ModelRejectionReason
from contract.schema import Schema
from contract.schema.inputs import Feature
from training.adoption.request import MappingOptions


def map_inputs(
    model: NativeModel, schema: Schema, options: MappingOptions
) -> tuple[ModelInput, ...]:
    """The columns of a model's features, in its order.

    A feature has the name of its column, or of a column and one of its categories, `fluid_oil`, as
    `pandas.get_dummies` names it.

    Raises:
        BadSetting: Names every feature that cannot be mapped, and what to do.
    """
    names = model.features or options.features
    if not names:
        raise BadSetting(
            f"the model file does not name its {model.width} features: give their names in the "
            f"model's order, as in --features {','.join(schema.features)}"
        )
    if len(names) != model.width:
        raise BadSetting(
            f"the model has {model.width} features, and {len(names)} names are given: "
            f"{', '.join(names)}"
        )
    faults: list[str] = []
    inputs = [_map_input(name, model, schema, options, faults) for name in names]
    if faults:
        raise BadSetting("; ".join(faults))
    return tuple(one for one in inputs if one is not None)


def map_classes(
    model: NativeModel, inputs: Sequence[ModelInput], schema: Schema, options: MappingOptions
) -> tuple[Any, ...]:
    """The classes in the order of a model's outputs; none of a numeric target.

    Raises:
        BadSetting: They are unknown, or not the schema's.
        ModelRejected: The model cannot score.
    """
    if schema.task.numeric:
        if options.classes:
            raise BadSetting(f"{schema.target.name} is a number: leave out --classes")
        return ()
    values = schema.classes.values
    in_schema = ", ".join(map(str, values))
    outputs = _count_outputs(model, inputs, schema)
    if outputs != len(values):
        raise BadSetting(
            f"the model predicts {outputs} classes, and {schema.target.name} has "
            f"{len(values)}: {in_schema}"
        )
    if not options.classes and not model.classes and values != tuple(range(len(values))):
        raise BadSetting(
            "the model file does not name its classes: give them in the model's order, as in "
            f"--classes {','.join(sorted(map(str, values)))}"
        )
    by_text = {str(value): value for value in values}
    class_texts = [str(one) for one in options.classes or model.classes or values]
    if sorted(class_texts) != sorted(by_text):
        raise BadSetting(
            f"the model's classes are {', '.join(class_texts)}, and those of {schema.target.name} "
            f"{in_schema}: give the latter in the model's order with --classes"
        )
    return tuple(by_text[one] for one in class_texts)


def _count_outputs(model: NativeModel, inputs: Sequence[ModelInput], schema: Schema) -> int:
    row = tuple(values[:1] for values in probe(schema))
    try:
        output = np.asarray(model.predict(read_inputs(inputs, schema, row)))
    except Exception as failure:  # a foreign model may raise anything
        message = f"the model cannot score: {first_line(failure)}"
        raise ModelRejected(ModelRejectionReason.INVALID, message) from failure
    return max(2, output.shape[1]) if output.ndim == 2 else 2


def _map_input(
    name: str, model: NativeModel, schema: Schema, options: MappingOptions, faults: list[str]
) -> ModelInput | None:
    columns = {column.name: column for column in schema.inputs}
    column = columns.get(name)
    if column is None:
        one_hot = _one_hot(name, schema.inputs)
        if one_hot is None:
            faults.append(
                f"the model's feature {name} is neither a column of the schema nor COLUMN_CATEGORY "
                f"of one ({', '.join(columns)})"
            )
        return one_hot
    if column.numerical:
        if name in model.texts:
            faults.append(f"the model takes text as {name}, which has numbers in the schema")
        return ModelInput(name, name)
    if name in model.texts:
        return ModelInput(name, name, "text")
    codes = options.codes.get(name) or model.categories.get(name)
    if codes is None:
        faults.append(
            f"the model takes numbers as {name}, and its file does not say which category each is: "
            f"give the categories of the codes 0, 1, ..., as in --codes "
            f"{name}={','.join(sorted(column.categories))}"
        )
        return None
    if not set(codes) & set(column.categories):
        faults.append(
            f"none of the model's categories of {name} ({', '.join(codes)}) is in the schema"
        )
    return ModelInput(name, name, "codes", tuple(codes))


def _one_hot(name: str, columns: Sequence[Feature]) -> ModelInput | None:
    for column in columns:
        category = name.removeprefix(f"{column.name}_")
        if category != name and category in column.categories:
            return ModelInput(name, column.name, "one_hot", (category,))
    return None
