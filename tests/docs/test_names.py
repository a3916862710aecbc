"""Settings, metrics and files that the pages name exist."""

import re
from pathlib import Path

import pytest

from contract.settings import env_variable
from contract.settings_sources import ENVIRONMENT_ONLY
from intent.stage_settings import STAGES
from tests.docs.blocks import ROOT, pages
from tools.public_names_page import metric_rows, registries

GENERATED = {"settings.md", "public-names.md", "metrics.md", "commands.md"}
PAGES = [page for page in pages() if page.name not in GENERATED]

NAMES = [*ENVIRONMENT_ONLY, *(name for stage in STAGES.values() for name in stage.model_fields)]
SETTINGS = {env_variable(name) for name in NAMES}
METRICS = {name for registry in registries().values() for name, *_ in metric_rows(registry)}

TESTS_ONLY = re.compile(r"INTENT_(TEST_(KAFKA|BROKER|COLD)|BENCH_\w+|X_\w+)")
"""What pages for developers name beside the settings, and an example of a foreign name."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_setting_on_a_page_exists(page: Path) -> None:
    named = set(re.findall(r"\bINTENT_[A-Z][A-Z_]*[A-Z]\b(?!_?\*)", page.read_text("utf-8")))
    unknown = {name for name in named if {name, name.removesuffix("_FILE")}.isdisjoint(SETTINGS)}
    assert {name for name in unknown if not TESTS_ONLY.fullmatch(name)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_metric_on_a_page_exists(page: Path) -> None:
    named = set(re.findall(r"`(intent_[a-z_0-9]+[a-z])\b", page.read_text("utf-8")))
    series = {name + suffix for name in METRICS for suffix in ("", "_sum", "_count", "_bucket")}
    assert named - series == set()


@pytest.mark.parametrize("page", ["architecture.md", "glossary.md"])
def test_a_folder_or_file_that_a_map_of_the_code_names_exists(page: str) -> None:
    text = ROOT.joinpath("docs", page).read_text("utf-8")
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", text)
    assert named
    assert [path for path in named if not ROOT.joinpath(path).exists()] == []
