"""Secret settings come from a variable or a file, and appear in no output."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from contract.errors import BadSetting, ModelUnavailable
from contract.libraries import configure_libraries
from contract.logs import configure_logs
from contract.redaction import redact
from contract.settings import Settings, environment, load

SASL = {"kafka_security_protocol": "SASL_SSL", "kafka_username": "me"}


def test_a_secret_comes_from_a_file_without_its_last_line_break(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text(" from a file \n")
    monkeypatch.setenv("INTENT_KAFKA_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("INTENT_KAFKA_PASSWORD", "")
    assert load(Settings, **SASL).kafka_password.get_secret_value() == " from a file "


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), (b"\n", "empty"), (b"\xff", "not UTF-8")]
)
def test_a_file_that_gives_no_secret_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("INTENT_LISTEN_TOKEN_FILE", str(file))
    with pytest.raises(BadSetting, match=f"INTENT_LISTEN_TOKEN_FILE={file}.*{reason}"):
        load(Settings)


def test_what_is_no_secret_comes_from_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "name").write_text("elsewhere")
    monkeypatch.setenv("INTENT_MODEL_NAME_FILE", str(tmp_path / "name"))
    assert load(Settings).model_name == "car-purchase"


def test_settings_do_not_show_their_secrets_but_hand_them_on() -> None:
    settings = load(Settings, **SASL, kafka_password=SecretStr("hush"))
    assert "hush" not in f"{settings!r} {settings} {settings.model_dump()}"
    assert environment(settings)["INTENT_KAFKA_PASSWORD"] == "hush"  # noqa: S105


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"kafka_security_protocol": "SASL_SSL"}, "needs INTENT_KAFKA_USERNAME"),
        ({"kafka_username": "me"}, "without it they are not used"),
        (
            {
                **SASL,
                "kafka_password": SecretStr("p"),
                "kafka_security_protocol": "SASL_PLAINTEXT",
                "kafka_sasl_mechanism": "PLAIN",
            },
            "in clear",
        ),
        ({"mlflow_password": SecretStr("p")}, "INTENT_MLFLOW_USERNAME"),
    ],
)
def test_invalid_or_unsafe_login_is_rejected(given: dict[str, object], says: str) -> None:
    with pytest.raises(BadSetting, match=says) as caught:
        load(Settings, **given)
    assert "SecretStr" not in str(caught.value), "one line, not all settings"


def test_a_bad_secret_is_named_and_not_shown() -> None:
    with pytest.raises(BadSetting) as caught:
        load(Settings, kafka_password=12345, mlflow_uri=["http://me:hush@host"])
    assert "INTENT_KAFKA_PASSWORD: " in str(caught.value)
    assert "12345" not in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("http://me:hush@host:5000/x", "http://***@host:5000/x"),
        ("postgresql+psycopg://me:h%40u@db/x", "postgresql+psycopg://***@db/x"),
        ("'mysql://me:h@sh@db/x' and ftp://a:b@c", "'mysql://***@db/x' and ftp://***@c"),
        ("http://host:5000/a@b", "http://host:5000/a@b"),
        ("me@host", "me@host"),
        ("https://token-7@host/x", "https://***@host/x"),
        ("https://:hush@host/x", "https://***@host/x"),
        ("x://me:hu/sh@host/db", "x://***@host/db"),
        ("x://me:hu'sh or so@host/db", "x://***@host/db"),
        ("at http://host:5000, ask me@home", "at http://host:5000, ask me@home"),
        ("http://[::1]:5000/a@b", "http://[::1]:5000/a@b"),
        ("x://host/db?user=me&password=hush&a=b", "x://host/db?user=me&password=***&a=b"),
        ("x://host/db?sslpassword=hush", "x://host/db?sslpassword=***"),
        ("http://host/?access_token=hush#top", "http://host/?access_token=***"),
        ("{'Authorization': 'Bearer hush'}", "{'Authorization': 'Bearer ***'}"),
    ],
)
def test_logins_are_taken_out_of_addresses(printed: str, shown: str) -> None:
    assert redact(printed) == shown


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:very/secret 'indeed'@db/mlflow",
        "postgresql://me:very%2Fsecret%20%27indeed%27@db/mlflow",
        "postgresql://db/mlflow?user=me&password=very/secret 'indeed'",
    ],
)
def test_what_the_settings_hold_is_secret_wherever_it_stands(address: str) -> None:
    load(Settings, mlflow_uri=address)
    assert "very" not in redact(f"cannot log in with very/secret 'indeed' at {address!r}")


def test_a_secret_setting_is_secret_wherever_it_stands() -> None:
    load(Settings, listen_token=SecretStr("of-the-pages-Lm2"))
    assert redact("X-Token: of-the-pages-Lm2") == "X-Token: ***"


def test_a_path_of_a_file_is_no_secret() -> None:
    load(Settings, mlflow_uri="sqlite:////home/me@work/mlflow.db")
    load(Settings, mlflow_uri="http://mlflow-host:5000/of/me@work")
    for text in ("/home/me", "5000/of/me"):
        assert redact(text) == text


@pytest.mark.parametrize(
    "given", ["https://hush-token@", "x://me:hush/token@h", "x://h?password=hush-token"]
)
def test_rejected_value_is_shown_without_its_secret(given: str) -> None:
    with pytest.raises(BadSetting) as caught:
        load(Settings, kafka_bootstrap=given)
    assert "INTENT_KAFKA_BOOTSTRAP=" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_any_handler_and_format_gets_records_without_secrets() -> None:
    program = (
        "import logging\n"
        "from contract.process import run_main\n"
        "def main():\n"
        "    logging.basicConfig(format='%(message)s')\n"
        "    try:\n        raise ValueError('x://me:hu' + 'sh@host')\n"
        "    except ValueError:\n        logging.exception('at %s', 'http://hu' + 'sh@b')\n"
        "run_main(main)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert "at http://***@b" in done.stderr
    assert "ValueError: x://***@host" in done.stderr
    assert "hush" not in done.stderr


def test_files_and_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    program = (
        "import pathlib, subprocess, sys\n"
        "from contract.folders import writable_folder\n"
        "from contract.process import run_main\n"
        "def main():\n"
        "    folder = writable_folder(pathlib.Path(sys.argv[1]))\n"
        "    (folder / 'file').write_text('')\n"
        "    subprocess.run(['touch', str(folder / 'of-a-child')], check=True)\n"
        "run_main(main)\n"
    )
    folder = str(tmp_path / "home" / "x")
    subprocess.run([sys.executable, "-c", program, folder], check=True, umask=0)
    modes = {each.name: each.stat().st_mode & 0o777 for each in (tmp_path / "home").rglob("*")}
    assert modes == {"x": 0o700, "file": 0o600, "of-a-child": 0o600}


def test_errors_have_no_logins() -> None:
    assert "hush" not in str(ModelUnavailable("no registry at http://me:hush@host"))


@pytest.fixture
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("_logs_as_before")
def test_log_lines_have_no_logins(capsys: pytest.CaptureFixture[str]) -> None:
    address = "http://me:hush@host"
    configure_logs("INFO")
    logging.getLogger("x").error("asked %s", address, exc_info=ValueError(address))
    printed = capsys.readouterr().err
    assert "hush" not in printed
    assert printed.count("http://***@host") == 2, "the line, and its traceback"


def test_a_bug_s_traceback_has_none_either() -> None:
    program = (
        "from contract.process import run_main\n"
        "def main():\n    raise ValueError('x://me:hu' + 'sh@host')\n"
        "run_main(main)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, text=True
    )
    assert done.returncode == 1
    assert "ValueError: x://***@host" in done.stderr
    assert "hush" not in done.stderr


def test_mlflow_gets_its_login_in_the_variables_that_it_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"):
        monkeypatch.setenv(name, "before")
    configure_libraries(load(Settings, mlflow_username="me", mlflow_password=SecretStr("hush")))
    assert os.environ["MLFLOW_TRACKING_USERNAME"] == "me"
    assert os.environ["MLFLOW_TRACKING_PASSWORD"] == "hush"  # noqa: S105
    assert os.environ["MLFLOW_TRACKING_TOKEN"] == "before"  # noqa: S105  not ours to clear
