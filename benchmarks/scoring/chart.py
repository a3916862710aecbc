"""Draws the charts of the page as SVG."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.scoring.results import Results

OURS, OTHERS = "#1f6f8b", "#b0b7bf"


def speeds(results: Results, file: Path) -> None:
    """Records per second of every contender, as multiples of the scorer's."""
    rows = [
        ("pass-through, no work", results.passed.per_second),
        ("bare loop", results.bare.per_second),
        ("stream_app", results.ours.per_second),
        *(
            (peer.contender.name.replace("`", ""), speed.per_second)
            for peer, speed in results.peers
        ),
    ]
    names, rates = zip(*reversed(rows), strict=True)
    shares = [rate / results.ours.per_second for rate in rates]
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    axes = figure.subplots()
    colors = [OURS if name == "stream_app" else OTHERS for name in names]
    bars = axes.barh(names, shares, color=colors)
    axes.bar_label(bars, [f"{share:.2g}" for share in shares], padding=3)
    axes.set_xlabel("records per second, stream_app = 1")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, metadata={"Date": None})


def histogram(results: Results, file: Path) -> None:
    """Number of records by latency at the steady rate, all rounds together."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.subplots()
    ours = np.concatenate([each.ours.milliseconds for each in results.steady])
    passed = np.concatenate([each.passed.milliseconds for each in results.steady])
    bounds = np.geomspace(1, max(100.0, ours.max(), passed.max()), 60).tolist()
    axes.hist(passed, bounds, color=OTHERS, label="pass-through")
    axes.hist(ours, bounds, color=OURS, label="stream_app", histtype="step", linewidth=1.5)
    axes.set(xscale="log", yscale="log", xlabel="milliseconds", ylabel="records")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.legend()
    figure.savefig(file, metadata={"Date": None})


def curve(results: Results, file: Path) -> None:
    """Latency by rate, of the scorer and the pass-through."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    rates = [each.ours.rate for each in results.curve]
    for percent, style in ((50, "-"), (99, "--")):
        ours = [each.ours.percentile(percent) for each in results.curve]
        passed = [each.passed.percentile(percent) for each in results.curve]
        axes.plot(rates, ours, style, marker="o", color=OURS, label=f"stream_app, p{percent}")
        axes.plot(rates, passed, style, color=OTHERS, label=f"pass-through, p{percent}")
    axes.set(xscale="log", yscale="log", xlabel="records per second", ylabel="milliseconds")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    figure.savefig(file, metadata={"Date": None})
