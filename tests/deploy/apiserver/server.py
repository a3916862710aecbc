"""A Kubernetes API server that keeps objects and has no cluster: nothing acts on what it is given.

It, kubectl and etcd are built from their Go modules, once.
"""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from intent.local.managed_process import ManagedProcess, Program
from tests.support.commands import run_command, run_unchecked
from tests.support.ports import free_ports

HOST: Final = "127.0.0.1"
MODULE: Final = Path(__file__).with_name("kubernetes")
PACKAGES: Final = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
}
"""Program to the package that it is; versions are in the module beside this file."""

READY: Final = 120
"""Seconds until it answers, after it was built."""


def programs(folder: Path) -> Path:
    """The folder with the programs; builds those that are missing, which takes some ten minutes."""
    static = {**os.environ, "CGO_ENABLED": "0"}
    folder.mkdir(parents=True, exist_ok=True)
    asked = ("go", "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes")
    version = run_command(*asked, cwd=MODULE, env=static).strip()
    version_flag = (
        f"-X=k8s.io/component-base/version.gitVersion={version}"  # by which Helm knows it
    )
    for name, package in PACKAGES.items():
        if not (folder / name).exists():
            command = ("go", "build", f"-ldflags={version_flag}", "-o", folder / name, package)
            run_command(*command, cwd=MODULE, env=static)
    return folder


@contextmanager
def api_server(built: Path, folder: Path) -> Iterator[Path]:
    """Gives the kubeconfig of an administrator."""
    clients, peers, port = free_ports(HOST, 3)
    token = secrets.token_hex(16)
    tokens = folder / "tokens.csv"
    tokens.write_text(f"{token},admin,admin,system:masters\n")
    key = folder / "key.pem"
    run_command("openssl", "genrsa", "-out", key, "2048")
    etcd = [
        str(built / "etcd"), f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls=http://{HOST}:{clients}",
        f"--advertise-client-urls=http://{HOST}:{clients}",
        f"--listen-peer-urls=http://{HOST}:{peers}",
    ]  # fmt: skip
    server = [
        str(built / "kube-apiserver"), f"--etcd-servers=http://{HOST}:{clients}",
        f"--bind-address={HOST}", f"--secure-port={port}", f"--cert-dir={folder / 'certificates'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
        "--service-cluster-ip-range=10.96.0.0/16", "--authorization-mode=RBAC",
        f"--token-auth-file={tokens}", f"--advertise-address={HOST}",
        "--disable-admission-plugins=ServiceAccount",
    ]  # fmt: skip
    config = folder / "config"
    cluster = {"server": f"https://{HOST}:{port}", "insecure-skip-tls-verify": True}
    context = {"cluster": "own", "user": "admin", "namespace": "default"}
    written = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "own",
        "clusters": [{"name": "own", "cluster": cluster}],
        "contexts": [{"name": "own", "context": context}],
        "users": [{"name": "admin", "user": {"token": token}}],
    }
    config.write_text(json.dumps(written))  # which is YAML
    with ExitStack() as stack:
        children = []
        for name, command in (("etcd", etcd), ("kube-apiserver", server)):
            child = ManagedProcess(Program(name, command), folder / f"{name}.log")
            stack.callback(child.stop, 10)
            children.append(child)
        _await(built, config, children)
        yield config


def _await(built: Path, config: Path, children: list[ManagedProcess]) -> None:
    ends_at = time.monotonic() + READY
    while True:
        asked = kubectl(built, config, "get", "--raw", "/readyz")
        if asked.returncode == 0:
            return
        for child in children:
            child.check()
        assert time.monotonic() < ends_at, asked.stderr + children[-1].last_log_lines()
        time.sleep(0.5)


def kubectl(
    built: Path, config: Path, *arguments: str | Path, given: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Asks the server."""
    return run_unchecked(built / "kubectl", f"--kubeconfig={config}", *arguments, given=given)
