"""The plan in words: docs/sizing.md, or the same of somebody's own figures."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from compose.sizing.figures import Figures
from compose.sizing.plan import WEEK, Plan

MEGA: Final = 1e6
TERA: Final = 1e12


def page(given: Figures) -> str:
    """As Markdown."""
    plan = Plan(given)
    parts = (_head(given), _figures(given), _needs(plan), _costs(plan), _limits(plan))
    return "\n".join(line for part in parts for line in part) + "\n"


def option(name: str) -> str:
    """How a figure is called on the command line."""
    return f"--{name.replace('_', '-')}"


def _head(given: Figures) -> Iterator[str]:
    yield f"# Sizing: {_whole(given.records)} records a second"
    yield ""
    yield "Made by `python -m compose.sizing`, which takes your figures as options:"
    yield "`--records 50000`, `--worker 300000` and so on. *Measured* means on one machine of two"
    yield "cores, with the broker on the same cores; *assumed* means that we could not measure it."
    yield "Nothing here was run at such a rate: the sums are from one worker's figures."
    yield ""


def _figures(given: Figures) -> Iterator[str]:
    yield "| figure | value | from | option |"
    yield "| --- | --- | --- | --- |"
    for each in fields(given):
        value = _number(getattr(given, each.name))
        told = each.metadata
        yield f"| {told['words']} | {value} | {told['origin']} | `{option(each.name)}` |"
    yield ""


def _needs(plan: Plan) -> Iterator[str]:
    given = plan.given
    yield "## What it takes"
    yield ""
    yield (
        f"**Workers.** {_whole(given.records)} / ({_whole(given.worker)} x {given.planned:g}): "
        f"{plan.workers} pods, each of {plan.worker_cores:g} cores. With one of {given.zones} "
        f"zones lost the others must do: {plan.spare_workers} pods, "
        f"{plan.spare_workers * plan.worker_cores:.1f} cores, "
        f"{plan.spare_workers * given.worker_gb:g} GB."
    )
    yield ""
    yield (
        f"**Partitions** of `customers` and of `predictions`: {plan.partitions}, as many workers "
        f"as there may ever be. Each takes {_whole(given.records / plan.partitions)} records a "
        f"second, {given.records * given.customer / plan.partitions / MEGA:.1f} MB. Do not take "
        "more than you need: each worker's transaction touches every partition that its batch "
        "writes to."
    )
    yield ""
    yield (
        f"**Brokers.** In: {_mb(plan.received)}, and {_mb(plan.shadowed)} more while a challenger "
        f"is shadowed; with all {given.replicas} replicas {_mb(plan.written)} are written at most. "
        f"At {_mb(given.broker_writes)} a broker that is {plan.least_brokers}; {plan.brokers} in "
        f"{given.zones} zones let one be away. Out, customers and predictions twice each: "
        f"{_mb(plan.read)}; between brokers {_mb(plan.replicated)}."
    )
    yield ""
    yield (
        f"**Disk.** {plan.disk(given.retention_hours) / TERA:.1f} TB for "
        f"{given.retention_hours:g} hours, "
        f"{plan.disk(given.retention_hours) / TERA / plan.brokers:.1f} a broker. Our default of a "
        f"week would be {plan.disk(WEEK) / TERA:.0f} TB: at such rates keep a day "
        '(`-var \'topic_config={customers={"retention.ms"="86400000"},...}\'`). It must be longer '
        "than any standstill that records should survive."
    )
    yield ""


def _costs(plan: Plan) -> Iterator[str]:
    given, costs = plan.given, plan.costs
    total = sum(costs.values())
    rows = {
        "workers": f"{plan.spare_workers * plan.worker_cores:.1f} cores",
        "brokers": f"{plan.brokers} x {given.broker_cores:g} cores",
        "others": f"{given.other_cores:g} cores",
        "disk": f"{plan.disk(given.retention_hours) / TERA:.1f} TB",
        "traffic": f"{_mb(plan.between_zones)} between zones",
    }
    yield "## What it costs"
    yield ""
    yield "| what | how much | dollars a month | share |"
    yield "| --- | --- | --- | --- |"
    for name, much in rows.items():
        yield f"| {name} | {much} | {_whole(costs[name])} | {costs[name] / total:.0%} |"
    yield f"| all | | {_whole(total)} | {plan.price_of_a_million:.4f} for a million records |"
    yield ""
    yield (
        "The prices are examples that you should replace. All of replication leaves its zone, and "
        f"of what clients write and read {given.zones - 1} parts of {given.zones}. Some managed "
        "Kafkas, MSK among them, do not charge for replication; clients that read from the replica "
        "in their own zone (librdkafka's `client.rack`, for which we have no setting) would save "
        "more. The model itself hardly costs anything."
    )
    yield ""


def _limits(plan: Plan) -> Iterator[str]:
    given = plan.given
    yield "## What breaks first"
    yield ""
    yield (
        f"1. **Monitoring, at {_whole(plan.watched)} records a second**, "
        f"{plan.watched / given.records:.0%} of what is wanted. It is one process, for a window "
        "needs every record of its time. Beyond that it lags: predictions go on, drift is told "
        "later and later, and in the end records are gone before it has read them. "
        "`MonitoringLagGrowing` tells. It has no sampling of its own yet; that is the first thing "
        "to build."
    )
    yield f"2. **Disk**, if retention stays at a week: {plan.disk(WEEK) / TERA:.0f} TB."
    yield (
        f"3. **A worker's single interpreter, at {_whole(given.worker)} records a second**: more "
        f"cores do not make it faster, more workers do, up to {plan.partitions}."
    )
    yield (
        "4. **The group's rebalance** with many workers: static membership and few, large steps "
        "keep it rare."
    )
    yield (
        f"5. **`predictions` in one transaction for each worker**: at {plan.partitions} partitions "
        f"and {plan.spare_workers} workers no issue that we know of; we have not run it."
    )


def _mb(number: float) -> str:
    return f"{number / MEGA:.0f} MB/s"


def _number(number: float) -> str:
    return _whole(number) if number >= 1000 else f"{number:g}"


def _whole(number: float) -> str:
    return f"{number:,.0f}"
