"""Workflows, Dockerfile and scripts by the programs that know them; the notes of a release."""

import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.charts import program
from tests.deploy.dockerfile import FILE, stages
from tests.deploy.programs import ROOT
from tests.deploy.schemas import fits

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = [
    ROOT / name
    for name in (
        ".ci/programs", ".ci/run", "deploy/alertmanager/start", "compose/images/environment",
        "compose/images/healthy", "deploy/prometheus/start", "compose/smoke",
        "requirements/find-python",
    )
]  # fmt: skip
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
NOTES = runpy.run_path(str(ROOT / ".github" / "notes.py"))
COMMITS = runpy.run_path(str(ROOT / ".github" / "commits.py"))

CHANGELOG = """# Changelog

## 0.2.0, not released yet

- More.

## 0.1.0, 2026-01-31

- The first.
- All of it.

## 0.0.1, 2026-01-01

- A try.
"""


def tool(name: str) -> str:
    """One of the development tools, which stand beside this Python."""
    return str(Path(sys.executable).with_name(name))


def says_nothing(*command: str | Path) -> None:
    """The command finds no fault."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflow_matches_its_schema(file: Path) -> None:
    fits("github-workflows", file)


def test_dependabot_understands_what_it_is_told() -> None:
    fits("dependabot", ROOT / ".github" / "dependabot.yml")


def test_workflows_have_no_fault_that_actionlint_knows() -> None:
    says_nothing(program("actionlint"), f"-shellcheck={tool('shellcheck')}")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_only_call_make_targets_and_scripts(file: Path) -> None:
    for target in re.findall(r"\bmake ([\w-]+)", file.read_text(encoding="utf-8")):
        says_nothing("make", "--dry-run", target)


def test_nothing_is_released_that_was_not_tested_started_audited_and_scanned() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))["jobs"]
    assert jobs["release"]["needs"] == "images"
    assert set(jobs["images"]["needs"]) == set(jobs) - {"images", "release"}
    assert jobs["audit"]["uses"] == "./.github/workflows/audit.yml"


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_actions_are_pinned_to_a_commit(file: Path) -> None:
    used = re.findall(r"uses: (\S+)( # v[\d.]+)?", file.read_text(encoding="utf-8"))
    assert used
    for action, version in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
            assert version, f"{action} without its version"


def test_an_image_is_built_and_scanned_for_every_role() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/images.yml").read_text(encoding="utf-8"))
    roles = workflow["jobs"]["image"]["strategy"]["matrix"]["role"]
    assert set(roles) == {name.removesuffix("-environment") for name in stages() if "-" in name}


def test_what_was_scanned_is_pushed_byte_for_byte_and_signed() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/images.yml").read_text(encoding="utf-8"))
    build, scan, *_, push = [
        step
        for step in workflow["jobs"]["image"]["steps"]
        if "build-push" in step.get("uses", "") or "trivy" in step.get("uses", "") or "run" in step
    ]
    assert build["with"]["outputs"] == "type=oci,dest=image,tar=false"
    assert scan["with"]["input"] == "image"
    copied = "skopeo copy --all --preserve-digests --digestfile digest oci:image"
    assert copied in push["run"]
    assert 'cosign sign --yes "$name@$(cat digest)"' in push["run"]
    release = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    assert release["jobs"]["images"]["permissions"] == {"contents": "read", "id-token": "write"}


def test_what_the_dockerfile_runs_is_on_the_path_that_it_sets() -> None:
    path = stages()["base"].environment["PATH"].split(":")
    text = re.sub(r"\\\n\s*", " ", FILE.read_text(encoding="utf-8"))
    runs = re.findall(r"^RUN (?:--\S+ )*(.*)", text, re.MULTILINE)
    programs = {each.split()[0] for run in runs for each in run.split("&&")}
    for each in programs - {"python"}:  # which is the image's own
        assert (ROOT / each).is_file() or shutil.which(each, path=":".join(path)), each


def test_the_dockerfile_has_no_fault_that_hadolint_knows() -> None:
    says_nothing(tool("hadolint"), "--failure-threshold=style", FILE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_has_no_fault_that_shellcheck_knows(script: Path) -> None:
    says_nothing(tool("shellcheck"), "--enable=all", "--exclude=SC2250,SC2312,SC2310", script)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_locked_package_has_its_version_and_its_hashes(lock: Path) -> None:
    wanted = locked(lock)
    assert wanted
    for package, text in wanted.items():
        assert re.search(r"==\S+", text), package
        assert "--hash=sha256:" in text, package


def test_nothing_is_installed_without_its_hash() -> None:
    for file in (ROOT / "Makefile", ROOT / "compose" / "images" / "environment"):
        lines = file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        installs = [
            line
            for line in lines
            if re.search(r"pip (sync|install)", line) and re.search(r"requirements/|\$<", line)
        ]
        assert "uv tool run" not in "".join(lines), "it takes the newest there is"
        assert installs, file
        assert [line for line in installs if "--require-hashes" not in line] == []


def test_the_bill_of_materials_lists_every_locked_package(tmp_path: Path) -> None:
    tools = Path(sys.executable).parent
    set_up = "--old-file=.venv/ready"  # as it is: a test changes no environment
    says_nothing("make", set_up, f"BIN={tools}", f"DIST={tmp_path}", "sbom")
    listed = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))["components"]
    assert {each["name"] for each in listed} == set(locked(ROOT / "requirements" / "lock.txt"))
    assert all(each["version"] for each in listed)


def locked(lock: Path) -> dict[str, str]:
    """Package to its entry."""
    entries = re.split(r"\n(?=[a-z0-9])", "\n" + lock.read_text(encoding="utf-8"))[1:]
    return {re.split(r"[=\[ ]", entry)[0]: entry for entry in entries}


def test_the_notes_of_a_release_are_its_section_of_the_changelog() -> None:
    assert NOTES["notes"]("v0.1.0", CHANGELOG, "0.1.0") == "- The first.\n- All of it.\n"


@pytest.mark.parametrize(
    ("tag", "version", "words"),
    [
        ("v0.1.0", "0.2.0", "make them agree"),
        ("0.1.0", "0.1.0", "make them agree"),
        ("v0.2.0", "0.2.0", "no date"),
        ("v0.3.0", "0.3.0", "no section"),
    ],
)
def test_invalid_release_is_reported(tag: str, version: str, words: str) -> None:
    with pytest.raises(NOTES["NoNotes"], match=words):
        NOTES["notes"](tag, CHANGELOG, version)


@pytest.mark.parametrize(
    "subject",
    [
        "fix: commit the last batch",
        "refactor(scorer): one name",
        "feat(contract, cli)!: topics",
        "Merge branch 'a'",
        'Revert "fix: this"',
        "fixup! fix: this",
    ],
)
def test_a_conventional_commit_passes(subject: str) -> None:
    assert COMMITS["faults"]([subject]) == []


@pytest.mark.parametrize(
    "subject", ["Commit the last batch", "fix commit", "fix:this", "feature: x", "fix: " + "x" * 99]
)
def test_another_subject_is_named_with_what_to_change(subject: str) -> None:
    (line,) = COMMITS["faults"]([subject])
    assert line.endswith(subject)


def test_issue_forms_and_hooks_are_read_by_their_programs() -> None:
    for form in ("bug", "feature"):
        fits("github-issue-forms", ROOT / ".github" / "ISSUE_TEMPLATE" / f"{form}.yml")
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert [repository["repo"] for repository in hooks] == ["local"]
    programs = {hook["entry"].split()[0] for hook in hooks[0]["hooks"]}
    assert all((Path(sys.executable).parent / Path(each).name).exists() for each in programs)
