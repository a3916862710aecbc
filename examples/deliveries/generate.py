"""`python examples/deliveries/generate.py`: writes deliveries.csv, the same bytes every time."""

import csv
from io import StringIO
from pathlib import Path

import numpy as np

SEED = 20_261_130
ROWS = 2_000
HEADER = ("delivery", "vehicle", "weather", "distance", "parcels", "stops", "minutes")


def text(rows: int = ROWS, seed: int = SEED) -> str:
    """The data set as CSV, its lines ended by a line feed alone; what is missing is empty."""
    random = np.random.default_rng(seed)
    vehicle = random.choice(["bike", "van", "truck"], rows, p=[0.3, 0.5, 0.2])
    weather = random.choice(["dry", "rain", "snow"], rows, p=[0.6, 0.3, 0.1])
    distance = np.round(np.minimum(random.gamma(2.0, 4.0, rows) + 0.3, 60), 1)
    parcels = np.minimum(1 + random.poisson(2.5, rows), 40)
    stops = np.minimum(random.poisson(1.5, rows), 20)
    per_km = np.select([vehicle == "bike", vehicle == "van"], [4.0, 2.4], 2.8)
    slow = np.select([weather == "rain", weather == "snow"], [1.15, 1.5], 1.0)
    minutes = 6 + per_km * slow * distance + 1.5 * parcels + 4.0 * stops + random.normal(0, 5, rows)
    columns = (
        [f"d{number:05d}" for number in range(1, rows + 1)],
        vehicle,
        np.where(random.random(rows) < 0.1, "", weather),
        [f"{value:.1f}" for value in distance],
        parcels,
        stops,
        [f"{value:.1f}" for value in np.clip(minutes, 1, 600)],
    )
    file = StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(zip(*columns, strict=True))
    return file.getvalue()


def main() -> None:
    """Writes the file."""
    Path(__file__).with_name("deliveries.csv").write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
