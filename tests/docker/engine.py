"""A Docker engine: the one that answers, or one that is started here, as root, and ended again."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.commands import PATH, run_command, run_unchecked

STARTED: Final = 60
"""Seconds until an engine answers."""

ENDED: Final = 60

PACKAGES: Final = ("docker.io", "iptables", "debootstrap")
"""Debian's: the engine, what it needs, and what makes the images that stand in for others."""

TABLE: Final = re.compile(r"^\*(\w+)", re.MULTILINE)
"""Of a packet filter, in what `iptables-save` prints."""

FORWARDING: Final = Path("/proc/sys/net/ipv4/ip_forward")

PLUGIN: Final = Path(__file__).with_name("compose-plugin")


def installed() -> None:
    """Installs what an engine needs, where it is missing. Takes root and Debian."""
    programs = ("dockerd", "iptables", "debootstrap")
    if all(shutil.which(each, path=PATH) for each in programs):
        return
    # It would start one of its own, as a service.
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    run_command("apt-get", "update", "--quiet")
    run_command("apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES, env=quietly)


def answers(env: dict[str, str]) -> bool:
    """Whether an engine does, and not only its client."""
    return (
        shutil.which("docker") is not None
        and not run_unchecked("docker", "version", env=env).returncode
    )


@contextmanager
def engine(cache: Path) -> Iterator[dict[str, str]]:
    """Gives the variables with which `docker` and `docker compose` reach it.

    Images and layers of an engine that is started here stay in `cache`, and so does the compose
    plugin that is built where there is none. The host's network is left as it was.
    """
    env = {**os.environ, "PATH": PATH, "DOCKER_BUILDKIT": "1"}
    if answers(env):
        yield _with_compose(env, cache)
        return
    if os.geteuid() != 0:
        raise RuntimeError("no Docker engine answers, and starting one takes root")
    installed()
    env |= {"PATH": f"/usr/bin:{PATH}", "DOCKER_HOST": f"unix://{cache / 'docker.sock'}"}
    env = _with_compose(env, cache)  # with the client of the same package, which needs no buildx
    with _network_as_it_was(), (cache / "dockerd.log").open("w") as log:
        command = [
            "dockerd", f"--host={env['DOCKER_HOST']}", f"--data-root={cache / 'data'}",
            f"--exec-root={cache / 'exec'}", f"--pidfile={cache / 'docker.pid'}",
        ]  # fmt: skip
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            ends_at = time.monotonic() + STARTED
            while not answers(env):
                log_text = Path(log.name).read_text()[-2000:]
                assert process.poll() is None, log_text
                assert time.monotonic() < ends_at, log_text
                time.sleep(0.2)
            yield env
        finally:
            process.terminate()
            process.wait(ENDED)


def _with_compose(env: dict[str, str], cache: Path) -> dict[str, str]:
    """The same; with a compose plugin, built from its Go module if the client has none."""
    if not run_unchecked("docker", "compose", "version", env=env).returncode:
        return env
    program = cache / "config" / "cli-plugins" / "docker-compose"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        static = {**os.environ, "CGO_ENABLED": "0"}
        run_command(
            "go", "build", "-o", program, "github.com/docker/compose/v2/cmd", cwd=PLUGIN, env=static
        )
    return {**env, "DOCKER_CONFIG": str(cache / "config")}


@contextmanager
def _network_as_it_was() -> Iterator[None]:
    """Bridges, rules and forwarding are put back: an engine leaves its own behind."""
    links, rules, forwarding = _links(), run_command("iptables-save"), FORWARDING.read_text()
    before = _network()
    try:
        yield
    finally:
        for each in _links() - links:
            run_command("ip", "link", "delete", each)
        new = TABLE.findall(run_command("iptables-save"))
        emptied = "".join(f"*{table}\nCOMMIT\n" for table in {*new} - {*TABLE.findall(rules)})
        run_command("iptables-restore", given=rules + emptied)
        FORWARDING.write_text(forwarding)
    assert _network() == before


def _links() -> set[str]:
    return {each.name for each in Path("/sys/class/net").iterdir()}


def _network() -> tuple[set[str], list[str], str]:
    """The host's interfaces, its packet filter's rules without counts, and whether it forwards."""
    saved = re.sub(r" \[\d+:\d+\]", "", run_command("iptables-save")).splitlines()
    rules = [line for line in saved if line[0] in ":-" and not line.endswith(" ACCEPT")]
    return _links(), rules, FORWARDING.read_text()
