"""Terraform makes, changes and takes away what the pipeline needs on a real, secured Kafka."""

import json
import sys
from pathlib import Path
from shutil import copytree

import pytest

from contract import kafka
from contract.settings import Settings, environment
from tests.security.terraform import MODULE, ROOT, terraform
from tests.support.cluster import ADMIN, Cluster

SMALL = {
    "topics": {
        "tf": {"partitions": 2, "replication_factor": 1, "config": {"retention.ms": "1000"}}
    },
    "users": {
        "intent-tf": {
            "acls": [
                {"resource_type": "topic", "name": "tf", "prefixed": False, "operation": "read"},
                {"resource_type": "group", "name": "tf-", "prefixed": True, "operation": "read"},
            ]
        }
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The module, with a map of its own."""
    copy = tmp_path / "module"
    copytree(MODULE, copy)
    (copy / "pipeline.json").write_text(json.dumps(SMALL))
    done = terraform(copy, "init")
    assert done.returncode == 0, done.stderr
    return copy


def test_apply_change_and_destroy(cluster: Cluster, folder: Path) -> None:
    admin = cluster.admin(Settings)

    def run(command: str, **variables: object) -> str:
        given = {
            "bootstrap": cluster.bootstrap,
            "replication_factor": 1,
            "command": f"{sys.executable} -m deploy.cluster",
            "working_dir": str(ROOT),
            "delete_topics": True,
            **variables,
        }
        flags = [
            f"-var={name}={value if isinstance(value, str) else json.dumps(value)}"
            for name, value in given.items()
        ]
        done = terraform(folder, command, "-auto-approve", *flags, **environment(admin))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def partitions() -> int:
        found = kafka.create_admin_client(admin).list_topics(timeout=10).topics
        return len(found["tf"].partitions) if "tf" in found else 0

    output = run("apply")
    assert "topics: 1 created, 0 changed; ACLs: 2 created, 0 deleted" in output
    assert partitions() == 2
    assert "0 added, 0 changed, 0 destroyed" in run("apply"), "nothing is left to do"
    output = run("apply", partitions={"tf": 5}, quotas={"intent-tf": {"producer_byte_rate": 1000}})
    assert "topics: 0 created, 1 changed; ACLs: 0 created, 0 deleted; quotas: 1 changed" in output
    assert partitions() == 5, "and the topic was not made anew"
    state = (folder / "terraform.tfstate").read_text()
    assert ADMIN not in state
    assert "topics: 1 deleted; ACLs: 2 deleted" in run("destroy", partitions={"tf": 5})
    assert partitions() == 0


def test_the_module_is_formatted() -> None:
    done = terraform(MODULE, "fmt", "-check", "-diff")
    assert done.returncode == 0, done.stdout + done.stderr
