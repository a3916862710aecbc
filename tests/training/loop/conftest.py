"""A real Prefect server for all tests of the loop, and loops without the processes around them."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.deployments.runner import RunnerDeployment
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from contract import kafka
from contract.topics import topics
from tests.support.fixtures import PrefectHome, SettingsFor
from tests.support.loops import Loops
from training.flow import retrain
from training.prefect_server import OwnServer
from training.settings import TrainingSettings


@pytest.fixture(scope="package")
def server(
    tmp_path_factory: pytest.TempPathFactory, prefect_home: PrefectHome
) -> Iterator[OwnServer]:
    """A server on a free port."""
    own = OwnServer(prefect_home(tmp_path_factory.mktemp("prefect")), 0, patience=120)
    try:
        own.wait()
        yield own
    finally:
        own.stop()


@pytest.fixture
def prefect(server: OwnServer) -> Iterator[SyncPrefectClient]:
    """A client of it, which the code under test also asks."""
    told = {PREFECT_API_URL: server.url, PREFECT_API_AUTH_STRING: server.auth}
    with temporary_settings(told), get_client(sync_client=True) as client:
        yield client


@pytest.fixture
def own(
    settings_for: SettingsFor, champion: dict[str, str], prefect: SyncPrefectClient
) -> TrainingSettings:
    """Settings of a loop with topics and a deployment of its own, which nobody serves."""
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
def loops(own: TrainingSettings) -> Iterator[Loops]:
    made = Loops(own)
    yield made
    made.close()
