"""`python -m benchmarks.formats`: writes docs/benchmarks/formats.md, in a minute."""

from importlib.metadata import version
from typing import Final

import pandas as pd

from benchmarks.formats.models import FormatContender, contenders, ten_numbers
from benchmarks.page import put
from benchmarks.timing import fastest
from contract.schema import Schema
from data.dataset import load_dataset
from stream_app.models.compiled import COMPILERS
from training.threads import limit_threads

BATCH: Final = 1_000
ROUNDS: Final = 40
PUMPS: Final = "examples/pumps/schema.toml"
FIT_ROWS: Final = 3_000


def main() -> None:
    """Measures and writes the page."""
    pumps = Schema.load(PUMPS)
    tables = {
        "ten numerical columns, two classes": ten_numbers(FIT_ROWS),
        "pumps: eight numerical and four categorical columns, three classes": (
            pumps,
            load_dataset(pumps.dataset, pumps).head(FIT_ROWS),
        ),
    }
    parts = []
    with limit_threads():
        for title, (schema, rows) in tables.items():
            lines = [_line(each, rows, schema) for each in contenders(rows, schema)]
            parts.append(f"## {title[0].upper()}{title[1:]}\n\n{HEADER}\n" + "\n".join(lines))
    libraries = ("scikit-learn", "xgboost-cpu", "lightgbm", "catboost", "onnxruntime")
    installed = ", ".join(f"{name} {version(name)}" for name in libraries)
    put("benchmarks/formats.md", "formats", "\n\n".join([*parts, f"Versions: {installed}."]))


HEADER: Final = (
    "| | compiled | batch, us a row | of a DataFrame, us a row | ratio | one record, ms |\n"
    "| --- | --- | --- | --- | --- | --- |"
)


def _line(contender: FormatContender, rows: pd.DataFrame, schema: Schema) -> str:
    encoder = schema.encoder
    batch = rows.sample(BATCH, random_state=0, replace=True)
    arrays = encoder.to_arrays(encoder.to_records(batch))
    one = tuple(values[:1] for values in arrays)
    frame = batch[list(schema.features)]
    ours = fastest(lambda: contender.predictor.outputs(arrays), ROUNDS) / BATCH * 1e6
    theirs = fastest(lambda: contender.on_frame(frame), ROUNDS) / BATCH * 1e6
    single = fastest(lambda: contender.predictor.outputs(one), ROUNDS) * 1e3
    kind = type(contender.predictor)
    compiled = f"`{kind.__name__}`" if kind in COMPILERS else ""
    figures = f"{ours:.2f} | {theirs:.2f} | {theirs / ours:.1f} | {single:.2f}"
    return f"| {contender.name} | {compiled} | {figures} |"


if __name__ == "__main__":
    main()
