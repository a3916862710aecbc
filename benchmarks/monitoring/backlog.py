"""Fills the topics with customers and their predictions."""

import time
from typing import Final

import numpy as np

from contract import codec, kafka
from contract.schema.cars import CustomerRecord, Prediction
from contract.settings import Settings
from data.population import DATA_SET, RandomStreams

CHUNK: Final = 10_000
MINUTE: Final = 60_000


def fill(settings: Settings, count: int, windows: int) -> None:
    """Writes `count` customers over `windows` windows of a minute, and a prediction of each."""
    producer = kafka.create_producer(settings)
    streams = RandomStreams.spawn(np.random.default_rng(1))
    now = round(time.time() * 1000)
    first = now - now % MINUTE - (windows + 2) * MINUTE
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        drawn = DATA_SET.sample(len(numbers), streams)
        probability = DATA_SET.purchase_probability(
            drawn.age.astype(float), drawn.annual_salary.astype(float)
        )
        customers, predictions = [], []
        for number, male, age, salary, wish in zip(
            numbers, drawn.male, drawn.age, drawn.annual_salary, probability.tolist(), strict=True
        ):
            name, partition = f"customer-{number:012d}", number % settings.partitions
            due = first + number * windows * MINUTE // count
            customer = CustomerRecord(
                "Male" if male else "Female", float(age), float(salary), name, due
            )
            prediction = Prediction(
                name, 1 if wish > 0.5 else 0, wish, settings.model_name, "1", due, due, partition,
                number // settings.partitions,
            )  # fmt: skip
            customers.append({"value": codec.encode(customer), "partition": partition})
            predictions.append({"value": codec.encode(prediction), "partition": partition})
        kafka.produce_batch(producer, settings.topic_customers, customers)
        kafka.produce_batch(producer, settings.topic_predictions, predictions)
    producer.flush()
