"""The loop of most tutorials: poll a record, predict with scikit-learn, produce."""

import json
import os
from pathlib import Path

import pandas as pd
from confluent_kafka import Consumer, Producer

from benchmarks.scoring.contenders import peer
from contract.model.estimator import load_estimator
from contract.schema import CARS


def main() -> None:
    """Drains until it is stopped."""
    model = load_estimator("1", Path(os.environ["BENCH_MODEL"]), CARS)
    consumer = Consumer(
        {
            "bootstrap.servers": peer.BOOTSTRAP,
            "group.id": peer.GROUP,
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([peer.CUSTOMERS])
    producer = Producer({"bootstrap.servers": peer.BOOTSTRAP})
    while True:
        message = consumer.poll(1)
        if message is None or message.error():
            continue
        customer = json.loads(message.value() or b"")
        rows = pd.DataFrame([customer], columns=["Gender", "Age", "AnnualSalary"])
        probability = float(model.predict_proba(rows)[0, 1])
        prediction = {
            "id": customer["id"],
            "prediction": int(probability > 0.5),
            "probability": probability,
        }
        producer.produce(peer.PREDICTIONS, json.dumps(prediction).encode())
        producer.poll(0)


if __name__ == "__main__":
    main()
