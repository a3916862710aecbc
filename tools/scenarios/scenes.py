"""The three scenes. Each waits for what must happen, in the order in which it must."""

import time
from typing import Final

from tools.scenarios import timeline
from tools.scenarios.play import Play
from tools.scenarios.timeline import Dip

RELUCTANCE: Final = 4.0
"""Log-odds that everybody wants a car less after the target has moved."""

SOON: Final = 0.001
"""Seconds after which the population is what it has become in the scenes before."""

CALM: Final = 24
"""Seconds of traffic as it was, so that there is something to fall from."""


def the_target_moves(play: Play) -> str:
    """Drift, alert, training, gate, swap, recovery. Returns the version that is champion then."""
    play.scene("the target moves")
    play.simulate(
        drift_start=CALM, drift_age_shift=0, drift_salary_factor=1, drift_concept_shift=RELUCTANCE
    )
    began = play.wait("traffic", lambda seen: seen.first_prediction("1", 0))
    moved = play.note("the target moves", began + CALM * 1000, "everybody wants a car less")
    fell = play.wait("accuracy falls", lambda seen: timeline.fallen(seen.closed, moved))
    was = timeline.usual(play.windows, moved) or 0.0
    play.note("accuracy falls", fell.end, f"from {was:.1%} to {fell.accuracy:.1%}")
    alert = play.alert("an alert fires", "firing", moved)
    play.step("a training is asked for", ("requested",), moved)
    play.step("the training starts", ("training_started",), moved)
    version = play.step("a version is trained", ("version_registered",), alert).model_version or ""
    promoted = play.step("the gate lets it pass", ("promoted",), alert, version)
    swapped = play.swap(version, promoted.occurred_at)
    dip = Dip(was, timeline.least(play.windows, moved, swapped))
    better = play.wait(
        "accuracy recovers", lambda seen: timeline.recovered(seen.closed, swapped, dip)
    )
    play.note("accuracy recovers", better.end, f"from {dip.least:.1%} to {better.accuracy:.1%}")
    play.all_clear("every alert is resolved")
    play.step("probation ends well", ("confirmed",), promoted.occurred_at, version)
    return version


def a_person_promotes_the_wrong_version(play: Play, good: str, wrong: str) -> None:
    """The old version takes over by hand, is worse than the one it replaced, and is rolled back."""
    play.scene("the wrong version is promoted")
    play.command("intent.cli", "promote", wrong, "--reason", "the old one was good enough")
    since = play.moments[-1].at
    promoted = play.step(f"a person promotes version {wrong}", ("promoted",), since, wrong)
    play.swap(wrong, promoted.occurred_at)
    back = play.step("it is rolled back", ("rolled_back",), promoted.occurred_at, wrong)
    play.swap(good, back.occurred_at)
    play.all_clear("every alert is resolved")


def outcomes_are_poisoned(play: Play) -> None:
    """Outcomes say the opposite; the model that learns from them is refused."""
    play.wait("every training that was asked for has ended", lambda seen: seen.answered or None)
    play.scene("outcomes are poisoned")
    since = round(time.time() * 1000)
    play.simulate(
        drift_start=SOON,
        drift_ramp=0,
        drift_age_shift=0,
        drift_salary_factor=1,
        drift_concept_shift=RELUCTANCE,
        label_noise_start=CALM,
        seed=2,
    )
    first = play.wait("traffic", lambda seen: seen.scoring(since))
    poisoned = play.note("outcomes begin to lie", first.at + CALM * 1000)
    alert = play.alert("an alert fires", "firing", poisoned)
    play.step("a training is asked for", ("requested",), poisoned)
    version = play.step("a version is trained", ("version_registered",), alert).model_version or ""
    refused = play.step("the gate refuses it", ("version_rejected",), alert, version)
    goes_on = play.wait("scoring goes on", lambda seen: seen.scoring(refused.occurred_at))
    if play.has_scored(version):
        raise AssertionError(f"version {version} was refused, and scored")
    play.note(f"version {goes_on.version} scores on", goes_on.at)
