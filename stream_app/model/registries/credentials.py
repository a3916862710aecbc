"""Who we are to an MLflow server, from where MLflow itself takes it."""

import os
import ssl
from base64 import b64encode
from configparser import ConfigParser
from configparser import Error as ParserError
from pathlib import Path
from urllib.parse import unquote


def authorization(user: str | None = None, password: str | None = None) -> str | None:
    """The header: user and password if both are known, else the token; None with neither.

    They come from MLFLOW_TRACKING_USERNAME, ..._PASSWORD and ..._TOKEN, or the file
    ~/.mlflow/credentials; those of the address itself stand in for what is not told there.
    """
    kept = _file()
    name = os.environ.get("MLFLOW_TRACKING_USERNAME") or kept.get("mlflow_tracking_username")
    secret = os.environ.get("MLFLOW_TRACKING_PASSWORD") or kept.get("mlflow_tracking_password")
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if name and secret:
        return _basic(name, secret)
    if token:
        return f"Bearer {token}"
    return _basic(unquote(user), unquote(password)) if user and password else None


def tls() -> ssl.SSLContext:
    """How server and client know each other: by MLFLOW_TRACKING_INSECURE_TLS and ..._CERT_PATH."""
    authority = os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH")
    context = ssl.create_default_context(cafile=authority)
    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    client = os.environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH")
    if client:
        context.load_cert_chain(client)
    return context


def _basic(name: str, secret: str) -> str:
    return f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}"


def _file() -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(Path("~/.mlflow/credentials").expanduser(), encoding="utf-8")
    except (ParserError, OSError, RuntimeError):  # no home, or nothing to read there
        return {}
    return dict(parser["mlflow"]) if "mlflow" in parser else {}
