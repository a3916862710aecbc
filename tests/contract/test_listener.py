"""A process raises its limit of open files, and a server takes its share of them."""

import subprocess
import sys

PROGRAM = """
import resource
from contract import listener
from contract.process import run_main
run_main(lambda: print(*resource.getrlimit(resource.RLIMIT_NOFILE), listener.max_connections()))
"""


def test_a_process_may_open_as_many_files_as_the_system_lets_it() -> None:
    limited = ["bash", "-c", 'ulimit -Sn 100; ulimit -Hn 400; exec "$@"', "bash"]
    done = subprocess.run(
        [*limited, sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["400", "400", "100"]
