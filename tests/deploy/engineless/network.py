"""A network in which the names of the compose file are known, and nothing else is there."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from intent.local.managed_process import ManagedProcess, Program
from tests.deploy.composed import services
from tests.deploy.programs import program

ALONE: Final = ("unshare", "--net", "--mount", "--")
"""Before a command that may have such a network; it takes root."""

REPLICAS: Final = ("127.0.0.2", "127.0.0.3")
"""Two scorers: a name with two addresses, as Docker's would have."""


@contextmanager
def names_known(folder: Path) -> Iterator[None]:
    """Until the block ends. In Docker each container has an address; here all have one but the
    scorers, whose ports would meet.
    """
    _do("ip", "link", "set", "lo", "up")
    _do("mount", "--make-rprivate", "/")
    hosts = folder / "hosts"
    scorers = "".join(f"{address} scorer\n" for address in REPLICAS)
    others = "".join(f"127.0.0.1 {name}\n" for name in services() if name != "scorer")
    hosts.write_text(f"127.0.0.1 localhost\n{others}{scorers}")
    resolver = folder / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\n")
    _do("mount", "--bind", str(hosts), "/etc/hosts")
    _do("mount", "--bind", str(resolver), str(Path("/etc/resolv.conf").resolve()))
    command = [
        program("dnsmasq"), "--keep-in-foreground", "--no-resolv", "--no-hosts",
        f"--addn-hosts={hosts}", "--listen-address=127.0.0.1", "--bind-interfaces", "--user=root",
        "--pid-file=", "--conf-file=/dev/null",
    ]  # fmt: skip
    dns = ManagedProcess(Program("dnsmasq", command), folder / "dnsmasq.log")
    try:
        yield
        dns.check()
    finally:
        dns.stop(5)


def _do(*command: str) -> None:
    subprocess.run(command, check=True)
