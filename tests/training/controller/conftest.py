"""A real Prefect server for all tests of the controller, and controllers without processes."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.deployments.runner import RunnerDeployment
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from contract import kafka
from contract.topics import topics
from tests.support.controllers import Controllers
from tests.support.fixtures import PrefectHome, SettingsFor
from training.flow import retrain
from training.prefect_server import LocalServer
from training.settings import TrainingSettings


@pytest.fixture(scope="package")
def server(
    tmp_path_factory: pytest.TempPathFactory, prefect_home: PrefectHome
) -> Iterator[LocalServer]:
    """A server on a free port."""
    local = LocalServer(prefect_home(tmp_path_factory.mktemp("prefect")), 0, startup_timeout=120)
    try:
        local.wait_until_ready()
        yield local
    finally:
        local.stop()


@pytest.fixture
def prefect(server: LocalServer) -> Iterator[SyncPrefectClient]:
    """A client of it, which the code under test uses too."""
    variables = {PREFECT_API_URL: server.url, PREFECT_API_AUTH_STRING: server.auth}
    with temporary_settings(variables), get_client(sync_client=True) as client:
        yield client


@pytest.fixture
def settings(
    settings_for: SettingsFor, champion: dict[str, str], prefect: SyncPrefectClient
) -> TrainingSettings:
    """Settings with their own topics and a deployment that nobody serves."""
    settings = settings_for(
        TrainingSettings,
        **champion,
        prefect_deployment=f"retrain-{uuid4().hex[:8]}",
        retrain_alert_kinds="performance,data_drift",
        retrain_delay=0,
        retrain_cooldown=3_600,
        retrain_retry_delay=0,
    )
    assert prefect.api_healthcheck() is None
    kafka.ensure_topics(settings, topics(settings))
    RunnerDeployment.from_flow(retrain, settings.prefect_deployment).apply()
    return settings


@pytest.fixture
def controllers(settings: TrainingSettings) -> Iterator[Controllers]:
    started = Controllers(settings)
    yield started
    started.close()
