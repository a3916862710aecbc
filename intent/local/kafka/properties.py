"""Broker properties: one node that is broker and controller, on loopback, and starts fast."""

from dataclasses import dataclass
from typing import Final

from contract.kafka import librdkafka_options
from intent.local.kafka.security import BrokerSecurity

HOST: Final = "127.0.0.1"
MEBIBYTE: Final = 1024 * 1024

LOGGING: Final = """\
rootLogger = WARN, out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %p %c: %m%n
"""
"""log4j2 properties; standard output is redirected to the log file."""


@dataclass(frozen=True)
class Ports:
    """Ports of the listeners for clients, the controller and, with security, other brokers."""

    clients: int
    controller: int
    broker: int


UNUSED_PORTS: Final = Ports(1, 2, 3)
"""For formatting, which opens no ports."""


def server_properties(
    data: str, ports: Ports, security: BrokerSecurity | None = None, **overrides: object
) -> str:
    """Text of server.properties of a single node.

    Args:
        data: Folder for records. A relative name needs no escaping of commas and backslashes.
        ports: Ports of the listeners.
        security: TLS, authentication and authorization; None has none.
        **overrides: Properties, with underscores for dots, that replace those set here.
    """
    clients, controller = f"CLIENTS://{HOST}:{ports.clients}", f"{HOST}:{ports.controller}"
    if security:
        clients += f",BROKER://{HOST}:{ports.broker}"
    properties: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": 1,
        # voters named here, not on disk: the ports may differ from one start to the next
        "controller.quorum.voters": f"1@{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"{clients},CONTROLLER://{controller}",
        "advertised.listeners": clients,
        "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "CLIENTS",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "message.max.bytes": 17 * MEBIBYTE,  # our producers send batches of up to 16
        "log.segment.bytes": 256 * MEBIBYTE,
        "log.index.size.max.bytes": MEBIBYTE,  # holds all of such a segment: docs/decisions/0003
        "log.cleaner.dedupe.buffer.size": 16 * MEBIBYTE,
        "group.initial.rebalance.delay.ms": 0,
        "transaction.max.timeout.ms": 900_000,
        # after a kill, the controller lets the broker in again only when its old session has ended
        "broker.session.timeout.ms": 4_000,
        "broker.heartbeat.interval.ms": 1_000,
        # one node, so one replica of each; few partitions, so that they are there at once
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
    }
    if security:
        properties |= security.properties()
    properties |= librdkafka_options(overrides)
    return "".join(f"{name}={value}\n" for name, value in properties.items())
