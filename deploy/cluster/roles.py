"""The roles of the pipeline and their access to Kafka."""

from typing import Final

from contract.settings import Settings, load
from contract.topics import topics
from deploy.cluster.acls import AclRule, RoleAccess, acl_rules
from monitoring.settings import MonitoringSettings
from stream_app.settings import ScorerSettings
from training.settings import TrainingSettings

ROLES: Final = ("producer", "scorer", "redrive", "monitoring", "training", "reader")
"""Each role is a Kafka user, by default `intent-ROLE`. `redrive` is for people who redrive dead
letters, `reader` for consumers of predictions."""

USER: Final = "intent-{role}"


def role_access() -> dict[str, RoleAccess]:
    """Access of each role under the settings of the environment."""
    scorer = load(ScorerSettings)
    group = scorer.scorer_group
    return {
        "producer": RoleAccess(writes=frozenset({"customers", "outcomes"})),
        "scorer": RoleAccess(
            reads=frozenset({"customers"}),
            writes=frozenset({"predictions", "shadow", "dead_letters"}),
            describes_configs=frozenset({"predictions", "shadow", "dead_letters"}),
            groups=(group,),
            transactions=(f"{group}-*",),  # one per worker
        ),
        "redrive": RoleAccess(
            reads=frozenset({"dead_letters", "redrives"}),
            writes=frozenset({"customers", "redrives"}),
            transactions=(f"{group}-redrive",),
        ),
        "monitoring": RoleAccess(
            reads=frozenset({"customers", "predictions", "shadow", "outcomes", "alerts"}),
            writes=frozenset({"alerts", "shadow_comparisons"}),
            groups=(load(MonitoringSettings).monitoring_group,),
        ),
        "training": RoleAccess(
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
            # of the controller, of training.lookback.stream_reader and of `intent trace`
            groups=(
                load(TrainingSettings).training_group,
                "training",
                f"{scorer.topic_predictions}-trace",
            ),
        ),
        "reader": RoleAccess(
            reads=frozenset({"predictions", "alerts", "shadow_comparisons", "model_lifecycle"}),
            groups=("reader*",),
        ),
    }


def role_acls() -> dict[str, list[AclRule]]:
    """ACLs of each role."""
    names = topics(load(Settings))
    return {role: acl_rules(access, names) for role, access in role_access().items()}
