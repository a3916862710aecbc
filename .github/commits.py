"""`python .github/commits.py RANGE` or `--file FILE`: are the subjects Conventional Commits?

RANGE is one of git's, as `origin/main..HEAD`; FILE is a commit message, as the hook commit-msg
gets it. A pull request's title in the variable TITLE is checked too. Ends with 1 and a line for
each subject that is none. Merges, reverts by git and fixup commits pass.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

TYPES = (
    "build",
    "chore",
    "ci",
    "docs",
    "feat",
    "fix",
    "perf",
    "refactor",
    "revert",
    "style",
    "test",
)
SUBJECT = re.compile(rf"({'|'.join(TYPES)})(\([\w./, -]+\))?!?: \S.*")
BY_GIT = re.compile(r"Merge |Revert \"|(fixup|squash|amend)! ")
LONGEST = 100


def faults(subjects: Iterable[str]) -> list[str]:
    """One line for each subject that is no Conventional Commit, saying what to change."""
    lines = []
    for subject in subjects:
        if BY_GIT.match(subject):
            continue
        if not SUBJECT.fullmatch(subject):
            lines.append(f"write it as 'TYPE(SCOPE): what changes', TYPE one of {TYPES}: {subject}")
        elif len(subject) > LONGEST:
            lines.append(f"shorten it to {LONGEST} characters: {subject}")
    return lines


def subjects_of(arguments: list[str]) -> list[str]:
    """The subjects that the arguments name, and the title."""
    title = [os.environ["TITLE"]] if os.environ.get("TITLE") else []
    if arguments[0] == "--file":
        return [Path(arguments[1]).read_text(encoding="utf-8").partition("\n")[0], *title]
    listed = subprocess.run(
        ["git", "log", "--no-merges", "--format=%s", *arguments],  # noqa: S607
        capture_output=True,
        check=True,
        text=True,
    )
    return listed.stdout.splitlines() + title


if __name__ == "__main__":
    lines = faults(subjects_of(sys.argv[1:]))
    print("\n".join(lines), file=sys.stderr, end="\n" if lines else "")  # noqa: T201
    sys.exit(bool(lines))
