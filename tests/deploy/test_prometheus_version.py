"""`make test-prometheus` builds the Prometheus that compose.yaml runs."""

import re
from pathlib import Path

from tests.deploy.composed import services

MODULE = Path(__file__).parent / "prometheus" / "go.mod"


def test_the_prometheus_that_is_built_is_the_one_that_compose_runs() -> None:
    image = re.search(r":v(\d+)\.(\d+)\.(\d+)", services()["prometheus"]["image"])
    assert image
    major, minor, patch = map(int, image.groups())
    # Prometheus 3.5.0 is the Go module v0.305.0
    module = f"github.com/prometheus/prometheus v0.{major}{minor:02}.{patch}\n"
    assert module in MODULE.read_text("utf-8")
