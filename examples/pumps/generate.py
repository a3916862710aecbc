"""`python examples/pumps/generate.py`: writes pumps.csv beside it, the same bytes every time."""

import csv
from io import StringIO
from pathlib import Path

import numpy as np

SEED = 20_260_417
ROWS = 4_000
HEADER = (
    "reading", "site", "fluid", "maker", "filter", "age", "hours", "starts", "flow", "pressure",
    "temperature", "vibration", "noise", "maintenance",
)  # fmt: skip


def text(rows: int = ROWS, seed: int = SEED) -> str:
    """The data set as CSV, its lines ended by a line feed alone; what is missing is empty."""
    random = np.random.default_rng(seed)
    site = random.choice(["north", "east", "south", "west"], rows, p=[0.4, 0.3, 0.2, 0.1])
    fluid = random.choice(["water", "oil", "slurry"], rows, p=[0.55, 0.3, 0.15])
    maker = random.choice(["Alder", "Birch", "Cedar", "Dogwood", "Elm"], rows)
    strainer = random.choice(["fine", "coarse", "none"], rows, p=[0.5, 0.35, 0.15])
    age = np.minimum(random.gamma(2.2, 4.0, rows), 60)
    hours = np.minimum(random.gamma(2.0, 4_000, rows), 100_000).astype(int)
    starts = np.minimum(random.poisson(6 + 6 * (site == "west")), 500)
    dirt = (
        hours / 5_000 + 1.6 * (fluid == "slurry") + 0.9 * (strainer == "none")
        - 0.7 * (strainer == "fine") + random.normal(0, 0.5, rows)
    )  # fmt: skip
    wear = (
        age / 6 + hours / 8_000 + starts / 12 + 0.8 * (maker == "Elm")
        + random.normal(0, 0.5, rows)
    )  # fmt: skip
    flow = np.clip(random.normal(180, 40, rows) - 14 * dirt, 0, 1_000)
    pressure = np.clip(random.normal(12, 2, rows) + 1.1 * dirt, 0, 100)
    temperature = np.clip(random.normal(48, 6, rows) + 4.5 * wear, -40, 200)
    vibration = np.clip(random.lognormal(0.2, 0.35, rows) + 0.9 * wear, 0, 100)
    noise = np.clip(random.normal(66, 4, rows) + 2.2 * wear, 20, 140)
    needs = np.column_stack(
        [np.full(rows, 3.2), 1.6 * dirt + 0.2, 1.5 * wear - 2.6]
    ) + random.gumbel(0, 0.8, (rows, 3))
    maintenance = np.array(["none", "clean", "replace"])[needs.argmax(axis=1)]
    maker = np.where(random.random(rows) < 0.12, "", maker)
    without_sensor = random.random(rows) < 0.2
    restarting = random.random(rows) < 0.05
    columns = (
        [f"r{number:05d}" for number in range(1, rows + 1)],
        site,
        fluid,
        maker,
        strainer,
        _rounded(age, 1),
        hours,
        starts,
        _rounded(flow, 1),
        _rounded(pressure, 2),
        np.where(without_sensor, "", _rounded(temperature, 1)),
        np.where(restarting, "", _rounded(vibration, 2)),
        _rounded(noise, 1),
        maintenance,
    )
    file = StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(zip(*columns, strict=True))
    return file.getvalue()


def _rounded(values: np.ndarray, digits: int) -> np.ndarray:
    return np.array([f"{value:.{digits}f}" for value in values])


def main() -> None:
    """Writes the file."""
    Path(__file__).with_name("pumps.csv").write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
