"""The three scenarios. Each waits for what must happen, in the order in which it must."""

import time
from typing import Final

from tools.scenarios.runner import ScenarioRunner
from tools.scenarios.timeline import (
    AccuracyDrop,
    first_drop,
    first_recovery,
    lowest_accuracy,
    mean_accuracy,
)

CONCEPT_SHIFT: Final = 4.0
"""Log-odds by which every customer is less likely to buy after the drift."""

IMMEDIATELY: Final = 0.001
"""Start of the drift in seconds, for a population that has drifted already."""

STABLE_SECONDS: Final = 24
"""Seconds of traffic before a change, from which the usual accuracy is measured."""


def target_drift(run: ScenarioRunner) -> str:
    """Drift, alert, training, gate, model reload, recovery. Returns the new champion's version."""
    run.start_scenario("target drift")
    run.simulate(
        drift_start=STABLE_SECONDS,
        drift_age_shift=0,
        drift_salary_factor=1,
        drift_concept_shift=CONCEPT_SHIFT,
    )
    started = run.wait_for("traffic", lambda observer: observer.first_prediction("1", 0))
    drifted = run.add_moment(
        "the target drifts",
        started + STABLE_SECONDS * 1000,
        "every customer is less likely to buy",
    )
    dropped = run.wait_for(
        "accuracy drops", lambda observer: first_drop(observer.closed_windows, drifted)
    )
    before = mean_accuracy(run.windows, drifted) or 0.0
    run.add_moment("accuracy drops", dropped.end, f"from {before:.1%} to {dropped.accuracy:.1%}")
    alert = run.wait_for_alert("an alert fires", "firing", drifted)
    run.wait_for_step("a training is requested", ("requested",), drifted)
    run.wait_for_step("the training starts", ("training_started",), drifted)
    registered = run.wait_for_step("a version is registered", ("version_registered",), alert)
    version = registered.model_version or ""
    promoted = run.wait_for_step("the gate passes it", ("promoted",), alert, version)
    reloaded = run.wait_for_reload(version, promoted.occurred_at)
    drop = AccuracyDrop(before, lowest_accuracy(run.windows, drifted, reloaded))
    recovered = run.wait_for(
        "accuracy recovers",
        lambda observer: first_recovery(observer.closed_windows, reloaded, drop),
    )
    run.add_moment(
        "accuracy recovers", recovered.end, f"from {drop.lowest:.1%} to {recovered.accuracy:.1%}"
    )
    run.wait_until_resolved("every alert is resolved")
    run.wait_for_step("the version is confirmed", ("confirmed",), promoted.occurred_at, version)
    return version


def wrong_promotion(run: ScenarioRunner, good: str, wrong: str) -> None:
    """A person promotes the old version; it is worse than the champion and is rolled back."""
    run.start_scenario("wrong promotion")
    run.run_intent("promote", wrong, "--reason", "the old version was good enough")
    since = run.moments[-1].time
    promoted = run.wait_for_step(f"a person promotes version {wrong}", ("promoted",), since, wrong)
    run.wait_for_reload(wrong, promoted.occurred_at)
    rolled_back = run.wait_for_step(
        "it is rolled back", ("rolled_back",), promoted.occurred_at, wrong
    )
    run.wait_for_reload(good, rolled_back.occurred_at)
    run.wait_until_resolved("every alert is resolved")


def label_noise(run: ScenarioRunner) -> None:
    """Outcomes are flipped; the gate rejects the version that is trained on them."""
    run.wait_for(
        "every retraining request is answered",
        lambda observer: observer.all_requests_answered or None,
    )
    run.start_scenario("label noise")
    since = round(time.time() * 1000)
    run.simulate(
        drift_start=IMMEDIATELY,
        drift_ramp=0,
        drift_age_shift=0,
        drift_salary_factor=1,
        drift_concept_shift=CONCEPT_SHIFT,
        label_noise_start=STABLE_SECONDS,
        seed=2,
    )
    first = run.wait_for("traffic", lambda observer: observer.first_scored(since))
    flipped = run.add_moment("outcomes are flipped", first.time + STABLE_SECONDS * 1000)
    alert = run.wait_for_alert("an alert fires", "firing", flipped)
    run.wait_for_step("a training is requested", ("requested",), flipped)
    registered = run.wait_for_step("a version is registered", ("version_registered",), alert)
    version = registered.model_version or ""
    rejected = run.wait_for_step("the gate rejects it", ("version_rejected",), alert, version)
    scored = run.wait_for(
        "scoring continues", lambda observer: observer.first_scored(rejected.occurred_at)
    )
    if run.has_scored(version):
        raise AssertionError(f"version {version} was rejected, but scored")
    run.add_moment(f"version {scored.version} continues to score", scored.time)
