"""Fixtures that every test may use: a real broker, and settings that nobody else has."""

import tests.support.threads  # noqa: F401

# isort: split
import os
import shutil
import signal
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest

from contract.libraries import ENVIRONMENT_DEFAULTS, configure_libraries
from contract.settings import PREFIX, Settings, load
from intent.local.kafka.jars import ensure_jars
from intent.local.settings import LocalSettings
from tests.support import champion as champions
from tests.support import groups, starting, warm
from tests.support.builders import unique_topics
from tests.support.fixtures import InstallChampion, PrefectHome, S, SettingsFor
from tests.support.groups import GroupScheduling
from tests.support.java_cache import use_java_cache
from tests.support.shared_services import (
    SharedServices,
    await_broker,
    await_champion,
    await_prefect_tables,
)

hypothesis.settings.register_profile("ours", deadline=None)  # a busy machine breaks no guarantee
hypothesis.settings.load_profile("ours")

configure_libraries()  # before any test module imports a library that looks at it

GROUPS: Final = "INTENT_TEST_GROUPS"
"""Variable that tells workers the file for `tests.support.groups`."""

NO_PROCESSES: Final = "not starts"
"""Part of what `make test-fast` asks for."""

ONCE: Final = pytest.StashKey[SharedServices]()

KEPT = (
    "INTENT_TEST_BROKER",
    "INTENT_TEST_SCHEMA_REGISTRY",
    "INTENT_CACHE_DIR",
    "INTENT_TEST_COLD",
)

OF_A_TERMINAL: Final = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM")
PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy", "no_proxy")


def pytest_configure(config: pytest.Config) -> None:
    once = config.stash[ONCE] = SharedServices()
    config.add_cleanup(once.close)
    # What a shell's job in the background is started with would be passed on to ours.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.umask(0o022)
    os.environ["JDK_JAVA_OPTIONS"] = "-XX:TieredStopAtLevel=1"  # no broker of a test lives for long


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: Sequence[object]) -> None:
    """In the process that people start, before its workers are."""
    if specs:
        os.environ[GROUPS] = str(config.stash[ONCE].folder("groups") / "groups.json")
        if NO_PROCESSES not in config.option.markexpr:
            config.stash[ONCE].launch()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    """Used in place of the one that the command line names."""
    made = GroupScheduling(config, log)
    made.groups_file = Path(os.environ.pop(GROUPS))
    return made


def pytest_collection_finish(session: pytest.Session) -> None:
    if NO_PROCESSES in session.config.option.markexpr:
        starting.forbid()  # not before: some libraries start one when they are imported


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """No module is imported of which no test would run."""
    if not collection_path.match("test_*.py"):
        return None
    if config.option.markexpr.startswith("alone"):
        return "mark.alone" not in collection_path.read_text(encoding="utf-8") or None
    if NO_PROCESSES in config.option.markexpr:
        return starting.may_start(collection_path) or None
    return None


@pytest.hookimpl(tryfirst=True)  # before pytest's own looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in filter(starting.starts, items):
        item.add_marker(pytest.mark.starts)
    to = os.environ.pop(GROUPS, None)
    if to is None:
        return
    if os.environ["PYTEST_XDIST_WORKER"] == "gw0":
        groups.write(items, Path(to))
    items.sort(key=groups.weight, reverse=True)  # what takes long begins first; else as it stands


@pytest.fixture(scope="session", autouse=True)
def _nothing_from_outside() -> Iterator[None]:
    """The same variables for all who run the tests."""
    if any(name.lower() in PROXIES for name in os.environ):
        ensure_jars(load(LocalSettings).cache_dir)  # which may need them
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            ours = name.startswith(PREFIX) and name not in KEPT
            if ours or name in OF_A_TERMINAL or name.lower() in PROXIES or name[:3] == "LC_":
                patch.delenv(name)
        patch.setenv("LANG", "C.UTF-8")
        patch.setenv("TZ", "UTC")
        patch.setenv("INTENT_CONFIG", os.devnull)  # not what lies in the working folder
        use_java_cache(load(LocalSettings).cache_dir)
        warm.install(ENVIRONMENT_DEFAULTS)
        yield
        warm.uninstall()


@pytest.fixture(autouse=True)
def _no_variable_left_behind() -> Iterator[None]:
    """What a command line sets in this process ends with its test."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> str:
    """Bootstrap address of a real broker, the same for all tests: take topics of your own."""
    return await_broker(pytestconfig.stash[ONCE].kafka())


@pytest.fixture(scope="session")
def trained_home(pytestconfig: pytest.Config) -> Path:
    """The home of the run's champion: its registry, its compiled form. Not to be written to."""
    return await_champion(pytestconfig.stash[ONCE].champion())


@pytest.fixture(scope="session")
def champion(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings that name a registry with a champion, trained once for all tests.

    Its tables are a copy that this worker has.
    """
    folder = tmp_path_factory.mktemp("registry")
    tables = champions.tables(trained_home)
    with closing(sqlite3.connect(tables)) as one, closing(sqlite3.connect(folder / "own.db")) as to:
        one.backup(to)
    return {**champions.settings(trained_home), "mlflow_uri": f"sqlite:///{folder / 'own.db'}"}


@pytest.fixture(scope="session")
def install_champion(trained_home: Path) -> InstallChampion:
    """Gives a data directory the champion in its compiled form."""

    def known(home: Path) -> Path:
        home.mkdir(parents=True, exist_ok=True)
        compiled = champions.COMPILED
        shutil.copytree(trained_home / compiled, home / compiled, dirs_exist_ok=True)
        return home

    return known


@pytest.fixture(scope="session")
def prefect_home(pytestconfig: pytest.Config) -> "PrefectHome":
    """`prefect_home(folder)` makes it one with the tables that a server takes seconds to make."""

    def made(folder: Path) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy(await_prefect_tables(pytestconfig.stash[ONCE].champion()), folder)
        return folder

    return made


@pytest.fixture
def settings_for(kafka: str, tmp_path: Path) -> SettingsFor:
    """A stage's settings on the broker, with a home and with topics that no other test has."""
    own = uuid.uuid4().hex[:12]

    def made(cls: type[S], **changes: Any) -> S:
        given = {
            "kafka_bootstrap": kafka,
            **unique_topics(own),
            "model_name": f"car-purchase-{own}",
            "data_dir": tmp_path / "home",
        }
        return load(cls, **{**given, **changes})

    return made


@pytest.fixture
def settings(settings_for: SettingsFor) -> Settings:
    """The settings that all stages share; for another process, see `builders.environment`."""
    return settings_for(Settings)
