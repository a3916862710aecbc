"""Does the Prefect server answer, if the user names one?"""

import os
from collections.abc import Iterator
from urllib.error import HTTPError

from contract.http_client import fetch
from intent.doctor.finding import Finding, fault, ok


def prefect() -> Iterator[Finding]:
    """Without PREFECT_API_URL training has a server of its own."""
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        yield ok("Prefect", "PREFECT_API_URL names none: training starts one of its own")
    elif _answers(url):
        yield ok("Prefect", f"answers at {url}")
    else:
        yield fault("Prefect", f"no server answers at {url}", "start it, or unset PREFECT_API_URL")


def _answers(url: str) -> bool:
    try:
        fetch(f"{url}/health", timeout=5)
    except HTTPError:  # it answers; whether we may use it is another matter
        return True
    except (OSError, ValueError):
        return False
    return True
