"""Puts the stages below `intent/_stages` in the wheel, so that no generic name is installed.

In the repository `contract`, `data` and the stages are top-level packages. In site-packages such
names would collide with other people's. The hook copies them to `intent/_stages` and rewrites
their absolute imports: `from contract import kafka` becomes
`from intent._stages.contract import kafka`. Editable installs keep the layout of the repository.
"""

import ast
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STAGES = ("contract", "data", "producers", "stream_app", "training", "monitoring")
PREFIX = "intent._stages"


class CustomBuildHook(BuildHookInterface[Any]):
    """Replaces the content of a wheel by rewritten copies."""

    _folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Prepares the files and tells the builder to include them."""
        if self.target_name != "wheel" or version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        package = Path(self._folder.name) / "intent"
        copy_packages(Path(self.root), package)
        build_data["force_include"][str(package)] = "intent"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Deletes the copies."""
        del version, build_data, artifact_path
        if self._folder:
            self._folder.cleanup()


def copy_packages(root: Path, package: Path) -> None:
    """Copies `intent` and the stages from the repository, with rewritten imports.

    Args:
        root: Folder of the repository.
        package: Folder of the package `intent` to create.
    """
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(root / "intent", package, ignore=ignore)
    for stage in STAGES:
        shutil.copytree(root / stage, package / "_stages" / stage, ignore=ignore)
    (package / "_stages" / "__init__.py").write_text(
        '"""The packages of the stages. Internal: use the names that `intent` exports."""\n'
    )
    for path in package.rglob("*.py"):
        path.write_text(rewrite_imports(path.read_text("utf-8")), "utf-8")


def rewrite_imports(source: str) -> str:
    """Prefixes the stages in absolute imports.

    Raises:
        ValueError: A module imports `stage.module` and uses it by that name; it must use
            `from stage import module`, which can be rewritten.
    """
    tree = ast.parse(source)
    lines = source.splitlines(keepends=True)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and _is_stage(node.module or ""):
            _replace(lines, node, "from ", f"from {PREFIX}.")
        elif isinstance(node, ast.Import) and _is_stage(node.names[0].name):
            name = node.names[0].name
            if "." not in name:
                _replace(lines, node, "import ", f"from {PREFIX} import ")
            elif name.partition(".")[0] in used:
                raise ValueError(f"line {node.lineno}: use `from ... import` for {name}")
            else:
                _replace(lines, node, "import ", f"import {PREFIX}.")
    return "".join(lines)


def _is_stage(module: str) -> bool:
    return module.partition(".")[0] in STAGES


def _replace(lines: list[str], node: ast.stmt, old: str, new: str) -> None:
    line = lines[node.lineno - 1]
    start = node.col_offset  # an import is preceded only by ASCII, so bytes are characters
    assert line[start:].startswith(old), line  # noqa: S101
    lines[node.lineno - 1] = line[:start] + new + line[start + len(old) :]
