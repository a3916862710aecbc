"""`python -m benchmarks.training`: writes the table of decision 27, in about 30 minutes."""

import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from benchmarks.page import put
from benchmarks.training.table import write_table
from contract.libraries import configure_libraries
from contract.process import run_main
from contract.registry import MODEL_FILE
from contract.settings import load, schema_of
from training.settings import TrainingSettings
from training.task import Classification

ROWS: Final = (100, 10_000, 1_000_000)
MIB: Final = 1024


class Figures(msgspec.Struct, frozen=True):
    """What a training took.

    Attributes:
        seconds: Processor time, from the CSV file to the registered champion.
        peak_mib: Memory of the process at its highest.
        model_mib: Size of the model file.
        row_microseconds: Processor time of a row in a batch of 1,000, as a worker measures it.
    """

    seconds: float
    peak_mib: int
    model_mib: float
    row_microseconds: float


def main() -> None:
    """Measures each training in a process of its own, and writes the table."""
    if len(sys.argv) > 1:
        print(msgspec.json.encode(measure(int(sys.argv[1]), sys.argv[2])).decode())
        return
    lines = [_line(rows, estimator) for rows in ROWS for estimator in Classification.estimators]
    put("decisions/0027-tables.md", "training", HEADER + "\n".join(lines))


HEADER: Final = (
    "| rows | estimator | processor time, s | memory at its highest, MiB | model file, MiB "
    "| scoring, us a row |\n| --- | --- | --- | --- | --- | --- |\n"
)


def _line(rows: int, estimator: str) -> str:
    command = [sys.executable, "-m", "benchmarks.training", str(rows), estimator]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    figures = msgspec.json.decode(output.splitlines()[-1], type=Figures)
    return (
        f"| {rows:,} | {estimator} | {figures.seconds:.0f} | {figures.peak_mib:,} | "
        f"{figures.model_mib:.1f} | {figures.row_microseconds:.1f} |"
    )


def measure(rows: int, estimator: str) -> Figures:
    """Trains the initial model in a registry of its own, and loads it as a worker does."""
    with TemporaryDirectory(prefix="intent-bench-") as folder:
        settings = load(
            TrainingSettings,
            data_dir=Path(folder, "data"),
            schema_file=str(write_table(Path(folder), rows)),
            estimator=estimator,
            log_level="WARNING",
        )
        configure_libraries(settings, prefect_log_level="CRITICAL")
        from contract.model.predictor import SklearnModel  # noqa: PLC0415  imports MLflow
        from contract.model.verification import verify  # noqa: PLC0415
        from training.model_loading import load_model  # noqa: PLC0415
        from training.steps import train_and_promote  # noqa: PLC0415

        started = time.process_time()
        version = train_and_promote(settings)
        seconds = time.process_time() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MIB
        (file,) = Path(folder).rglob(MODEL_FILE)
        schema = schema_of(settings)
        model = SklearnModel(load_model(settings, version), schema)
        limit = settings.model_max_row_microseconds
        microseconds = verify(f"version {version}", model, schema, limit)
        return Figures(seconds, peak, file.stat().st_size / MIB**2, microseconds)


if __name__ == "__main__":
    run_main(main)
