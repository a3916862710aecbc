"""A real MLflow server that lets in only who logs in."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from flask import Response, make_response, request
from werkzeug.datastructures import Authorization

from tests.support.builders import eventually
from tests.support.ports import free_ports

HOST: Final = "127.0.0.1"
ADMIN: Final = ("admin", "pass-of-the-admin-Rt6")
TOKEN: Final = "token-of-the-registry-Gb1"  # noqa: S105  of a server that lives for a test

BASIC: Final = "mlflow.server.auth:authenticate_request_basic_auth"
BEARER: Final = f"{__name__}:by_token"


def by_token() -> Authorization | Response:
    """What MLflow asks about each request where `BEARER` is its way of authentication."""
    shown = request.authorization
    if shown is not None and shown.type == "bearer" and shown.token == TOKEN:
        return Authorization("basic", {"username": ADMIN[0], "password": ""})
    return make_response("no token\n", 401)


@contextmanager
def server(folder: Path, known_by: str) -> Iterator[str]:
    """Its address, until the block ends. People are known by `BASIC` or by `BEARER`."""
    config = folder / "auth.ini"
    config.write_text(
        "[mlflow]\ndefault_permission = READ\n"
        f"database_uri = sqlite:///{folder / 'auth.db'}\n"
        f"admin_username = {ADMIN[0]}\nadmin_password = {ADMIN[1]}\n"
        f"authorization_function = {known_by}\n"
        "auth_cache_ttl_seconds = 600\n"  # its hash of a password takes long, on purpose
    )
    (port,) = free_ports(HOST, 1)
    command = [
        sys.executable, "-m", "mlflow", "server", "--app-name", "basic-auth", "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}",
        "--artifacts-destination", str(folder / "artifacts"), "--host", HOST, "--port", str(port),
    ]  # fmt: skip
    reported = {
        "MLFLOW_AUTH_CONFIG_PATH": str(config),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "of-a-test",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **reported},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://{HOST}:{port}"
    try:
        eventually(lambda: process.poll() is not None or _answers(address), 180, every=0.5)
        assert process.poll() is None, (folder / "server.log").read_text()
        yield address
    finally:
        os.killpg(process.pid, 15)
        process.wait(60)


def let_in(address: str, user: str, password: str) -> None:
    """Makes a user, who may read all that there is."""
    _as_admin(address, "2.0/mlflow/users/create", username=user, password=password)


def let_edit(address: str, user: str, model: str) -> None:
    """Lets a user change a registered model, and the experiment of its name."""
    named = f"2.0/mlflow/experiments/get-by-name?experiment_name={model}"
    experiment = _as_admin(address, named)["experiment"]["experiment_id"]
    for kind, what in (("experiment", experiment), ("registered_model", model)):
        _as_admin(
            address,
            "3.0/mlflow/users/permissions/grant",
            username=user,
            resource_type=kind,
            resource_id=what,
            permission="EDIT",
        )


def _as_admin(address: str, call: str, **given: str) -> Any:
    login = b64encode(":".join(ADMIN).encode()).decode()
    asked = urllib.request.Request(  # noqa: S310  ours
        f"{address}/api/{call}",
        json.dumps(given).encode() if given else None,
        {"Authorization": f"Basic {login}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310
        return json.load(answer)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5):  # noqa: S310
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
