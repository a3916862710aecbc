"""PostgreSQL as its image would make it from the compose file's variables."""

import pwd
import shutil
import subprocess
from pathlib import Path

from intent.local.managed_process import ManagedProcess, Program
from tests.deploy.composed import Service
from tests.support.builders import eventually


def postgres(service: Service, folder: Path) -> ManagedProcess:
    """A server with the user, its password, which is asked for, and the database."""
    reported = service["environment"]
    tools = max(Path("/usr/lib/postgresql").glob("*/bin/initdb")).parent
    data, password = folder / "data", folder / "password"
    data.mkdir(parents=True)
    password.write_text(reported["POSTGRES_PASSWORD"])
    for place in (folder, data, password):
        shutil.chown(place, "postgres")
    subprocess.run(
        [
            tools / "initdb", f"--pgdata={data}", f"--username={reported['POSTGRES_USER']}",
            f"--pwfile={password}", "--auth=scram-sha-256", "--no-sync",
        ],
        user=pwd.getpwnam("postgres").pw_uid, cwd=folder, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    become = ["/usr/bin/setpriv", "--reuid=postgres", "--clear-groups"]
    server = [str(tools / "postgres"), "-D", str(data), "-k", str(folder), "-h", "127.0.0.1"]
    child = ManagedProcess(Program("postgres", [*become, *server]), folder.with_suffix(".log"))
    create = [
        str(tools / "psql"), "--host=127.0.0.1", f"--username={reported['POSTGRES_USER']}",
        "--dbname=postgres", f"--command=CREATE DATABASE {reported['POSTGRES_DB']}",
    ]  # fmt: skip

    def made() -> bool:
        child.check()
        known = {"PGPASSWORD": reported["POSTGRES_PASSWORD"]}
        return not subprocess.run(create, env=known, capture_output=True, check=False).returncode

    eventually(made)
    return child
