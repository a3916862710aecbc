"""Are the ports free on which the stages listen, or does one of ours listen there already?"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from contract.errors import AccessDenied, BrokerUnreachable, PortTaken
from contract.kafka import check_broker
from contract.process import check_port
from contract.settings import env_variable, load
from intent.doctor.finding import Finding, fault, ok
from intent.local.http import get
from intent.local.settings import LOOPBACK, LocalSettings
from intent.stage_settings import STAGES

SUFFIX: Final = "_port"

PATIENCE: Final = 2.0
"""Seconds for whoever listens there to say who it is."""


def ports(settings: LocalSettings) -> Iterator[Finding]:
    """A finding for each setting that is a port."""
    for name, port in wanted().items():
        if name != "broker_port" or settings.starts_broker:
            yield _port(name, port, settings)


def wanted() -> Mapping[str, int]:
    """All ports of all stages, by the setting's name."""
    return {
        name: getattr(load(cls), name)
        for cls in STAGES.values()
        for name in cls.model_fields
        if name.endswith(SUFFIX)
    }


def _port(name: str, port: int, settings: LocalSettings) -> Finding:
    whose = name.removesuffix(SUFFIX)
    subject = f"port {port}, {whose}"
    recognised = _ON_LOOPBACK.get(name)
    try:
        check_port(LOOPBACK if recognised else settings.listen_host, port)
    except PortTaken as taken:
        host = LOOPBACK if recognised else settings.dial_host
        if (recognised or _is_a_stage)(host, port):
            return ok(subject, f"the {whose} runs there already")
        remedy = f"stop what uses it (`lsof -i :{port}` names it), or set {env_variable(name)}"
        return fault(subject, str(taken).rpartition(": ")[0], remedy)
    return ok(subject, "free")


def _is_a_stage(host: str, port: int) -> bool:
    token = load(LocalSettings).listen_token.get_secret_value()
    return b"intent_" in (get(host, port, "/metrics", timeout=PATIENCE, token=token) or b"")


def _is_a_broker(host: str, port: int) -> bool:
    try:
        check_broker(load(LocalSettings, kafka_bootstrap=f"{host}:{port}", kafka_timeout=PATIENCE))
    except BrokerUnreachable:
        return False
    except AccessDenied:  # whom it lets in is asked of the broker in force
        return True
    return True


def _is_prefect(host: str, port: int) -> bool:
    return get(host, port, "/api/health", timeout=PATIENCE) == b"true"


_ON_LOOPBACK: Final[Mapping[str, Callable[[str, int], bool]]] = {
    "broker_port": _is_a_broker,
    "prefect_port": _is_prefect,
}
