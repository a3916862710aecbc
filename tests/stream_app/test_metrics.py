"""The scorer's metrics."""

import numpy as np
from prometheus_client import CollectorRegistry, Histogram

from stream_app.metrics import LATENCY_BUCKETS, LatencyHistogram


def test_latency_histogram_counts_as_one_that_observes_one_by_one() -> None:
    seconds = np.concatenate([np.random.default_rng(3).exponential(0.05, 500), [0.001, 1e6, 0.0]])
    registry = CollectorRegistry()
    ours = LatencyHistogram("ours", "Ours.")
    theirs = Histogram("theirs", "Theirs.", buckets=LATENCY_BUCKETS, registry=registry)
    for part in np.split(seconds, [7, 100]):
        ours.observe(part)
    for each in seconds:
        theirs.observe(each)
    (family,) = ours.collect()
    counted = {s.labels["le"]: s.value for s in family.samples if s.name == "ours_bucket"}
    expected = {
        s.labels["le"]: s.value
        for metric in registry.collect()
        for s in metric.samples
        if s.name == "theirs_bucket"
    }
    assert counted == expected
