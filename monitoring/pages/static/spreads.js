// Closed windows -> how each column was spread in them: bands of quantiles, or shares of categories.

import { Figure, bounded, colour, timeAxis } from "./chart.js";
import { say } from "./dom.js";
import { clock, number, numberLike, share } from "./words.js";

const QUANTILES = ["5 %", "25 %", "median", "75 %", "95 %"];
const BOUNDS = JSON.parse(document.body.dataset.told).bounds;
const MEDIAN = QUANTILES.indexOf("median");

const line = (label, data, more) => ({ label, data, spanGaps: true, pointRadius: 0, ...more });

// Between two quantiles: the lower one is no line, the upper one is filled down to it.
const band = (quantile, low, high) => [
  line("", quantile(low), { borderWidth: 0, fill: false }),
  line("", quantile(high), { borderWidth: 0, fill: "-1", backgroundColor: colour("now-soft") }),
];

const dashed = (label, data, tone, width, dash) =>
  line(label, data, { borderColor: colour(tone), borderWidth: width, borderDash: dash });

function ofNumbers(windows, name, latest) {
  const part = (side) => (place) => windows.map((each) => each.spreads[name][side].quantiles[place]);
  const now = part("now");
  const was = part("reference");
  return {
    datasets: [
      line("median", now(MEDIAN), { borderColor: colour("now"), backgroundColor: colour("now"), pointRadius: 2 }),
      dashed("median of the reference", was(MEDIAN), "text", 1.5, [5, 4]),
      dashed("", was(MEDIAN - 1), "reference", 1, [2, 3]),
      dashed("", was(MEDIAN + 1), "reference", 1, [2, 3]),
      ...band(now, MEDIAN - 1, MEDIAN + 1),
      ...band(now, 0, QUANTILES.length - 1),
    ],
    key: [["median, middle half, 90 %", "now"], ["reference", "text", true]],
    y: {
      beginAtZero: false,
      ...bounded(windows.flatMap((each) => [...each.spreads[name].now.quantiles, ...each.spreads[name].reference.quantiles]), BOUNDS[name]),
      ticks: { maxTicksLimit: 5, includeBounds: false, callback: (value) => numberLike(value) },
    },
    tooltip: { filter: (item) => item.dataset.label !== "", callbacks: { label: (item) => `${item.dataset.label}: ${number(item.parsed.y)}` } },
    words: `Bands of quantiles of ${name} over ${windows.length} windows. In the latest the median is ${half(latest.now)}, `
      + `in the reference ${half(latest.reference)}.`,
    head: ["Window (UTC)", ...QUANTILES],
    cells: (spread) => spread.quantiles.map(number),
  };
}

const half = ({ quantiles }) =>
  `${number(quantiles[MEDIAN])} and the middle half from ${number(quantiles[MEDIAN - 1])} to ${number(quantiles[MEDIAN + 1])}`;

function ofNames(windows, name, latest) {
  const names = [...new Set(windows.flatMap((each) => Object.keys(each.spreads[name].now.shares)))];
  const part = (side, own) => windows.map((each) => each.spreads[name][side].shares[own] ?? 0);
  const tone = (place) => `series-${place % 6 + 1}`;
  return {
    datasets: [
      ...names.map((own, place) => line(own, part("now", own), { borderColor: colour(tone(place)), backgroundColor: colour(tone(place)), pointRadius: 2 })),
      ...names.map((own, place) => dashed(`${own} in the reference`, part("reference", own), tone(place), 1.5, [5, 4])),
    ],
    key: [...names.map((own, place) => [own, tone(place)]), ["reference", "text", true]],
    y: { max: 1, ticks: { maxTicksLimit: 5, callback: (value) => `${Math.round(100 * value)} %` } },
    tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${share(item.parsed.y)}` } },
    words: `Lines of the share of each ${name} over ${windows.length} windows. In the latest: `
      + `${names.map((own) => `${own} ${share(latest.now.shares[own] ?? 0)}, in the reference ${share(latest.reference.shares[own] ?? 0)}`).join("; ")}.`,
    head: ["Window (UTC)", ...names],
    cells: (spread) => names.map((own) => share(spread.shares[own] ?? 0)),
  };
}

function draw({ windows, name }) {
  const latest = windows.at(-1).spreads[name];
  const { cells, ...drawn } = (latest.now.quantiles ? ofNumbers : ofNames)(windows, name, latest);
  return {
    ...drawn,
    type: "line",
    times: windows.map((each) => (each.start + each.end) / 2),
    gap: 3.5 * Math.max(...windows.map((each) => each.end - each.start)),
    x: timeAxis(windows[0].start, windows.at(-1).end, 4),
    rows: () => [
      ["reference", ...cells(latest.reference)],
      ...windows.toReversed().map((each) => [clock(each.start), ...cells(each.spreads[name].now)]),
    ],
  };
}

const figures = [...document.querySelectorAll("[data-spread]")].map((node) => ({ node, figure: new Figure(node.id, draw) }));

// Windows of too few rows say nothing here.
export function show(windows) {
  for (const { node, figure } of figures) {
    const name = node.dataset.spread;
    const known = windows.filter((each) => each.spreads[name]);
    if (!known.length) continue;
    say(node.querySelector(".hint"), "");
    figure.show({ windows: known, name });
  }
}
