"""Tables as other people have them: seeded generators that imitate the shape of well-known ones.

No row is copied from the original. Imitated are headers, separators, quotes, decimal commas,
missing markers, kinds of values, cardinality and how classes are spread.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import expit

Columns = dict[str, Any]
"""Cells by header, shape (n,) each; the last one is the target."""


@dataclass(frozen=True)
class Table:
    """A table and how its file is written.

    Attributes:
        name: Of the file.
        draw: Draws so many rows.
        separator: Between two cells.
        decimal: Before the fraction of a number.
        quoting: Which cells are quoted, as in `csv`.
        rows: Number of rows.
    """

    name: str
    draw: Callable[[Generator, int], Columns]
    separator: str = ","
    decimal: str = "."
    quoting: Literal[0, 1, 2] = csv.QUOTE_MINIMAL
    rows: int = 1_200

    def text(self, seed: int = 1) -> str:
        """The CSV file."""
        columns = self.draw(np.random.default_rng(seed), self.rows)
        file = io.StringIO()
        writer = csv.writer(
            file, delimiter=self.separator, quoting=self.quoting, lineterminator="\n"
        )
        writer.writerow(columns)
        cells = [[self._cell(value) for value in np.asarray(c).tolist()] for c in columns.values()]
        writer.writerows(zip(*cells, strict=True))
        return file.getvalue()

    @property
    def target(self) -> str:
        """Header of the target."""
        return list(self.draw(np.random.default_rng(1), 1))[-1]

    def _cell(self, value: Any) -> str:
        return str(value).replace(".", self.decimal) if isinstance(value, float) else str(value)


def _happens(random: Generator, log_odds: NDArray[np.float64], no: Any, yes: Any) -> NDArray[Any]:
    happens = random.random(len(log_odds)) < expit(log_odds)
    values: NDArray[Any] = np.where(happens, yes, no)
    return values


def _lacking(random: Generator, values: Any, share: float, marker: str) -> NDArray[Any]:
    """Some of the values replaced by a marker."""
    texts = np.array([str(value) for value in np.asarray(values).tolist()], dtype=object)
    return np.where(random.random(len(texts)) < share, marker, texts)


def _moments(start: str, steps: NDArray[np.int64], unit: Literal["D", "m"]) -> list[str]:
    """ISO 8601 of so many days or minutes after the start."""
    moments = np.datetime64(start, unit) + steps.astype(f"timedelta64[{unit}]")
    return [str(each) for each in moments]


def passengers(random: Generator, n: int) -> Columns:
    """As the Titanic's passenger list: codes, empty cells, names with commas, cabins."""
    kind, sex = (
        random.choice([1, 2, 3], n, p=[0.25, 0.2, 0.55]),
        random.choice(["male", "female"], n),
    )
    age, fare = random.uniform(1, 75, n).round(1), random.gamma(2, 30 / kind).round(4)
    log_odds = 2.5 * (sex == "female") - 1.1 * (kind - 2) - 0.03 * (age - 30) - 1.2
    return {
        "PassengerId": np.arange(1, n + 1),
        "Pclass": kind,
        "Name": [f"Doe, Mr. {number} (Jo)" for number in range(n)],
        "Sex": sex,
        "Age": _lacking(random, age, 0.2, ""),
        "SibSp": random.poisson(0.5, n),
        "Fare": fare,
        "Cabin": _lacking(
            random, [f"C{number % 80}" for number in random.integers(0, 900, n)], 0.77, ""
        ),
        "Embarked": _lacking(random, random.choice(["S", "C", "Q"], n), 0.002, ""),
        "Survived": _happens(random, log_odds, 0, 1),
    }


def incomes(random: Generator, n: int) -> Columns:
    """As the census income table: blanks after commas, dashes in headers, question marks."""
    years, hours = random.integers(1, 17, n), random.integers(1, 100, n)
    age, gain = random.integers(17, 91, n), np.where(random.random(n) < 0.1, 7_000, 0)
    work = random.choice(["Private", "Self-emp-not-inc", "State-gov", "Never-worked"], n)
    log_odds = 0.4 * (years - 10) + 0.04 * (hours - 40) + 0.04 * (age - 40) + gain / 2_000 - 1
    blank = np.char.add
    return {
        "age": age,
        "workclass": blank(" ", _lacking(random, work, 0.06, "?").astype(str)),
        "education-num": blank(" ", years.astype(str)),
        "native-country": blank(" ", random.choice([f"Land-{i}" for i in range(41)], n,
                                                   p=np.r_[0.6, np.full(40, 0.01)])),
        "hours-per-week": blank(" ", hours.astype(str)),
        "capital-gain": blank(" ", gain.astype(str)),
        "income": blank(" ", _happens(random, log_odds, "<=50K", ">50K")),
    }  # fmt: skip


def flowers(random: Generator, n: int) -> Columns:
    """As the iris table: units in the headers, three classes, few rows."""
    kind = random.integers(0, 3, n)
    return {
        "sepal length (cm)": (5 + 0.8 * kind + random.normal(0, 0.45, n)).round(1),
        "sepal width (cm)": (3.4 - 0.25 * kind + random.normal(0, 0.35, n)).round(1).clip(0.1),
        "petal length (cm)": (1.5 + 2.1 * kind + random.normal(0, 0.4, n)).round(1).clip(0.1),
        "petal width (cm)": (0.25 + 0.9 * kind + random.normal(0, 0.2, n)).round(1).clip(0.1),
        "class": np.array(["Iris-setosa", "Iris-versicolor", "Iris-virginica"])[kind],
    }


def wines(random: Generator, n: int) -> Columns:
    """As the wine quality table: semicolons, quoted headers with blanks, ordered classes."""
    alcohol, acid = random.uniform(8, 14, n).round(1), random.uniform(0.1, 1.6, n).round(3)
    score = 5.6 + 0.45 * (alcohol - 10.5) - 1.2 * (acid - 0.6) + random.normal(0, 0.45, n)
    return {
        "fixed acidity": random.normal(8, 1.5, n).round(1).clip(4),
        "volatile acidity": acid,
        "free sulfur dioxide": random.integers(1, 70, n),
        "pH": random.normal(3.3, 0.15, n).round(2),
        "alcohol": alcohol,
        "quality": score.round().astype(int).clip(4, 7),
    }


def calls(random: Generator, n: int) -> Columns:
    """As the bank marketing table: everything quoted, dots in headers, a rare positive class."""
    seconds, rate = random.gamma(1.5, 180, n).astype(int), random.choice([-1.8, 1.1, 1.4], n)
    log_odds = seconds / 120 - 1.2 * rate - 3.5
    return {
        "job": random.choice(["admin.", "blue-collar", "retired", "unknown", "self-employed"], n),
        "default": random.choice(["no", "yes", "unknown"], n, p=[0.79, 0.01, 0.2]),
        "duration": seconds,
        "pdays": np.where(random.random(n) < 0.9, 999, random.integers(0, 20, n)),
        "emp.var.rate": rate,
        "cons.price.idx": random.normal(93.5, 0.5, n).round(3),
        "y": _happens(random, log_odds, "no", "yes"),
    }


def mushrooms(random: Generator, n: int) -> Columns:
    """As the mushroom table: letters alone, a constant column, one that says nearly all."""
    bad = random.random(n) < 0.48
    odor = np.where(random.random(n) < 0.985, np.where(bad, "f", "n"), random.choice(["a", "l"], n))
    return {
        "cap-shape": random.choice(list("bcfksx"), n),
        "bruises?": np.where(random.random(n) < 0.8, np.where(bad, "f", "t"), "f"),
        "odor": odor,
        "stalk-root": _lacking(random, random.choice(list("bcer"), n), 0.3, "?"),
        "veil-type": np.full(n, "p"),
        "class": np.where(bad, "p", "e"),
    }


def contracts(random: Generator, n: int) -> Columns:
    """As a German office writes: semicolons, decimal commas, day.month.year, umlauts, dashes."""
    days, amount = random.integers(0, 20_000, n), random.gamma(2, 400, n).round(2)
    begun = _moments("2023-01-01", random.integers(0, 365, n), "D")
    log_odds = amount / 400 + (days - 10_000) / 4_000 - 2
    german = [f"{day[8:]}.{day[5:7]}.{day[:4]}" for day in _moments("1950-01-01", days, "D")]
    return {
        "Vertrags-Nr.": [f"V-{number}" for number in random.permutation(n) + 10_000],
        "Geburtsdatum": _lacking(random, german, 0.05, "-"),
        "Beginn": [f"{day[8:]}.{day[5:7]}.{day[:4]}" for day in begun],
        "Prämie (€)": amount,
        "Größe/Fläche": [f"{value:.1f}".replace(".", ",") if value > 35 else "-"
                         for value in random.normal(80, 25, n)],
        "Straße": random.choice(["Süd", "Nord", "West"], n),
        "gekündigt?": _happens(random, log_odds, "nein", "ja"),
    }  # fmt: skip


def letters(random: Generator, n: int) -> Columns:
    """As the letter recognition table: 26 classes, whole numbers from 0 to 15."""
    code = random.integers(0, 26, n)
    shapes = np.random.default_rng(7).uniform(2, 13, (26, 8))
    drawn = (shapes[code] + random.normal(0, 1.4, (n, 8))).round().astype(int).clip(0, 15)
    headers = ("x-box", "y-box", "width", "high", "onpix", "x-bar", "y-bar", "x2bar")
    return {
        **dict(zip(headers, drawn.T, strict=True)),
        "lettr": np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))[code],
    }


def subscribers(random: Generator, n: int) -> Columns:
    """As the telecom churn table: ids, yes and no, 0 and 1, a blank for a number."""
    months, monthly = random.integers(0, 73, n), random.uniform(18, 119, n).round(2)
    fiber = random.random(n) < 0.4
    log_odds = 1.2 - months / 18 + 1.3 * fiber
    total = [f"{m * p:.2f}" if m else " " for m, p in zip(months, monthly, strict=True)]
    return {
        "customerID": [f"{number:04d}-KQZXV" for number in random.permutation(n)],
        "SeniorCitizen": random.choice([0, 1], n, p=[0.84, 0.16]),
        "Partner": random.choice(["Yes", "No"], n),
        "tenure": months,
        "InternetService": np.where(fiber, "Fiber optic", random.choice(["DSL", "No"], n)),
        "MonthlyCharges": monthly,
        "TotalCharges": total,
        "Churn": _happens(random, log_odds, "No", "Yes"),
    }


def flights(random: Generator, n: int) -> Columns:
    """As tables of flight delays: times, True and False, thousands of codes."""
    minutes = random.integers(0, 365 * 24 * 60, n)
    hour, winter = minutes // 60 % 24, random.random(n) < 0.3
    places = np.array([f"{a}{b}{c}" for a in "ABCDEFGHIJ" for b in "KLMNOPQRST" for c in "UVWXYZ"])
    frequent = random.zipf(1.3, n) % len(places)
    log_odds = 0.25 * (hour - 14) + 1.5 * winter + 1.0 * (frequent == 1) - 0.5
    return {
        "FL_DATE": [
            text.replace("T", " ") + ":00" for text in _moments("2024-01-01T00:00", minutes, "m")
        ],
        "OP.CARRIER": random.choice(["AA", "B6", "DL", "UA", "WN", "NK"], n),
        "ORIGIN": places[frequent],
        "DISTANCE": random.integers(80, 5_000, n),
        "Winter": np.where(winter, "True", "False"),
        "DELAYED": _happens(random, log_odds, 0, 1),
    }


def sensors(random: Generator, n: int) -> Columns:
    """As the semiconductor table: a hundred measurements, some constant or empty, classes -1, 1."""
    drawn = random.normal(0, 1, (n, 100)).round(4)
    log_odds = 2 * drawn[:, 3] - 1.5 * drawn[:, 40] - 0.5
    columns: Columns = {f"sensor {index}": drawn[:, index] for index in range(100)}
    columns["sensor 5"] = np.full(n, 100)
    columns["sensor 6"] = np.full(n, "")
    columns["sensor 7"] = _lacking(random, drawn[:, 7], 0.4, "NaN")
    return {**columns, "Pass/Fail": _happens(random, log_odds, -1, 1)}


TABLES: Final = (
    Table("passengers", passengers),
    Table("incomes", incomes),
    Table("flowers", flowers, rows=150),
    Table("wines", wines, ";", quoting=csv.QUOTE_NONNUMERIC),
    Table("calls", calls, ";", quoting=csv.QUOTE_ALL),
    Table("mushrooms", mushrooms),
    Table("contracts", contracts, ";", decimal=","),
    Table("letters", letters, rows=2_600),
    Table("subscribers", subscribers, "\t"),
    Table("flights", flights),
    Table("sensors", sensors),
)
