"""The roles of the pipeline and what each may do: the one place that says so."""

from typing import Final

from contract.settings import Settings, load
from contract.topics import topics
from deploy.cluster.grants import Access, Grant, grants
from monitoring.settings import MonitoringSettings
from stream_app.settings import ScorerSettings
from training.settings import TrainingSettings

ROLES: Final = ("producer", "scorer", "redrive", "monitoring", "training", "reader")
"""Each is a user of its own: `intent-scorer` and so on, unless the cluster's owner says otherwise.
`redrive` is the person who redrives dead letters, `reader` anybody who uses the predictions."""

USER: Final = "intent-{role}"


def accesses() -> dict[str, Access]:
    """What each role does, under the settings of the environment."""
    scorer = load(ScorerSettings)
    group = scorer.scorer_group
    return {
        "producer": Access(writes=frozenset({"customers", "outcomes"})),
        "scorer": Access(
            reads=frozenset({"customers"}),
            writes=frozenset({"predictions", "shadow", "dead_letters"}),
            sizes=frozenset({"predictions", "shadow", "dead_letters"}),
            groups=(group,),
            transactions=(f"{group}-*",),  # each worker's own
        ),
        "redrive": Access(
            reads=frozenset({"dead_letters", "redrives"}),
            writes=frozenset({"customers", "redrives"}),
            transactions=(f"{group}-redrive",),
        ),
        "monitoring": Access(
            reads=frozenset({"customers", "predictions", "shadow", "outcomes", "alerts"}),
            writes=frozenset({"alerts", "shadow_comparisons"}),
            groups=(load(MonitoringSettings).monitoring_group,),
        ),
        "training": Access(
            reads=frozenset(
                {
                    "customers",
                    "predictions",
                    "outcomes",
                    "shadow_comparisons",
                    "alerts",
                    "retraining_requests",
                }
                | {"model_lifecycle"}
            ),
            writes=frozenset({"retraining_requests", "model_lifecycle"}),
            # `recent` reads as "training", `trace` the predictions
            groups=(
                load(TrainingSettings).training_group,
                "training",
                f"{scorer.topic_predictions}-trace",
            ),
        ),
        "reader": Access(
            reads=frozenset({"predictions", "alerts", "shadow_comparisons", "model_lifecycle"}),
            groups=("reader*",),
        ),
    }


def rights() -> dict[str, list[Grant]]:
    """Role to its rights."""
    names = topics(load(Settings))
    return {role: grants(access, names) for role, access in accesses().items()}
