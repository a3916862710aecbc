"""Credentials for an MLflow server, from the same places as MLflow's own client."""

import os
import ssl
from base64 import b64encode
from configparser import ConfigParser
from configparser import Error as ParserError
from pathlib import Path
from urllib.parse import unquote


def authorization_header(user: str | None = None, password: str | None = None) -> str | None:
    """The value of the `Authorization` header; None without credentials.

    Username and password come first, then the token. They are read from MLFLOW_TRACKING_USERNAME,
    ..._PASSWORD and ..._TOKEN, or from ~/.mlflow/credentials.

    Args:
        user: Username in the URL, used if there is none elsewhere.
        password: Password in the URL, used if there is none elsewhere.
    """
    file = _credentials_file()
    username = os.environ.get("MLFLOW_TRACKING_USERNAME") or file.get("mlflow_tracking_username")
    secret = os.environ.get("MLFLOW_TRACKING_PASSWORD") or file.get("mlflow_tracking_password")
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if username and secret:
        return _basic(username, secret)
    if token:
        return f"Bearer {token}"
    return _basic(unquote(user), unquote(password)) if user and password else None


def tls_context() -> ssl.SSLContext:
    """TLS as configured by MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_..._CERT_PATH."""
    ca_file = os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH")
    context = ssl.create_default_context(cafile=ca_file)
    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    client_certificate = os.environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH")
    if client_certificate:
        context.load_cert_chain(client_certificate)
    return context


def _basic(username: str, password: str) -> str:
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"


def _credentials_file() -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(Path("~/.mlflow/credentials").expanduser(), encoding="utf-8")
    except (ParserError, OSError, RuntimeError):  # no home directory, or an unreadable file
        return {}
    return dict(parser["mlflow"]) if "mlflow" in parser else {}
