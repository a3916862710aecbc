"""The sums of the sizing page, beside the same done by hand."""

from dataclasses import replace

import pytest

from compose.sizing.__main__ import main
from compose.sizing.figures import Figures
from compose.sizing.page import page
from compose.sizing.plan import HOURS, SECONDS, Plan

ROUND = Figures(
    records=1_000, worker=100, record_microseconds=5_000, planned=0.5, worker_gb=1, customer=10,
    prediction=20, monitoring=300, zones=3, replicas=3, partition_reserve=2, broker_writes=40_000,
    broker_cores=4, other_cores=2, retention_hours=10, core_hour=0.1, gb_month=2,
    gb_between_zones=3,
)  # fmt: skip
"""Figures that are easily reckoned with."""


def test_workers_do_the_work_at_their_planned_rate_and_without_one_zone() -> None:
    plan = Plan(ROUND)
    assert plan.workers == 20  # 1,000 / (100 x 0.5)
    assert plan.worker_cores == 0.3  # 50 x 5 ms are 0.25
    assert plan.spare_workers == 30  # of which 20 are left with two of three zones
    assert plan.partitions == 64  # the next power of two after 20 x 2


def test_brokers_take_all_replicas_with_a_shadow_and_one_may_be_away() -> None:
    plan = Plan(ROUND)
    assert plan.received == 30_000
    assert plan.written == 150_000  # (30,000 + 20,000) x 3
    assert plan.least_brokers == 4
    assert plan.brokers == 6  # 4 and 1, as many in each of 3 zones
    assert plan.disk(10) == 3_240_000_000  # 30,000 x 3 x 36,000 s


def test_costs_are_of_a_month() -> None:
    plan = Plan(ROUND)
    # 60,000 replicated, and two thirds of 30,000 written and 60,000 read
    assert plan.between_zones == pytest.approx(120_000)
    assert plan.costs == pytest.approx(
        {
            "workers": 30 * 0.3 * 0.1 * HOURS,
            "brokers": 6 * 4 * 0.1 * HOURS,
            "others": 2 * 0.1 * HOURS,
            "disk": 3.24 * 2,
            "traffic": 120_000 * SECONDS / 1e9 * 3,
        }
    )
    millions = 1_000 * SECONDS / 1e6
    assert plan.price_of_a_million * millions == pytest.approx(sum(plan.costs.values()))


def test_in_one_zone_nobody_stands_in_and_nothing_leaves_it() -> None:
    plan = Plan(replace(ROUND, zones=1))
    assert plan.spare_workers == plan.workers
    assert plan.between_zones == 0
    assert plan.brokers == plan.least_brokers + 1


def test_the_page_is_of_the_figures_that_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--records", "50000", "--zones", "2", "--core-hour", "0.5"])
    said = capsys.readouterr().out
    assert said == page(replace(Figures(), records=50_000, zones=2, core_hour=0.5))
    assert said.startswith("# Sizing: 50,000 records a second\n")


@pytest.mark.parametrize("wrong", ["0", "-1", "many"])
def test_a_figure_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(SystemExit):
        main(["--records", wrong])
