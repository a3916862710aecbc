// Each column in closed windows, with its reference: bands of quantiles, or shares of categories.

import { Figure, color, labelTooltip, paddedRange, seriesTone, windowTimes } from "./chart.js";
import { config, setText } from "./dom.js";
import { formatNumber, formatPercentTick, formatShare, formatTick, formatTime } from "./format.js";

const QUANTILES = ["5 %", "25 %", "median", "75 %", "95 %"];
const MEDIAN = QUANTILES.indexOf("median");

const createLine = (label, data, options) => ({ label, data, spanGaps: true, pointRadius: 0, ...options });

// The area between two quantiles: the lower line is invisible, the upper one is filled down to it.
const createBand = (quantile, low, high) => [
  createLine("", quantile(low), { borderWidth: 0, fill: false }),
  createLine("", quantile(high), { borderWidth: 0, fill: "-1", backgroundColor: color("live-soft") }),
];

const createDashedLine = (label, data, tone, width, dash) =>
  createLine(label, data, { borderColor: color(tone), borderWidth: width, borderDash: dash });

const createSolidLine = (label, data, tone) =>
  createLine(label, data, { borderColor: color(tone), backgroundColor: color(tone), pointRadius: 2 });

const describeQuantiles = ({ quantiles }) =>
  `median ${formatNumber(quantiles[MEDIAN])}, quartiles ${formatNumber(quantiles[MEDIAN - 1])} and ${formatNumber(quantiles[MEDIAN + 1])}`;

function drawNumerical(windows, name, latest) {
  const quantiles = (side) => (index) => windows.map((window) => window.distributions[name][side].quantiles[index]);
  const current = quantiles("current");
  const reference = quantiles("reference");
  const values = windows.map((window) => window.distributions[name])
    .flatMap((pair) => [...pair.current.quantiles, ...pair.reference.quantiles]);
  return {
    datasets: [
      createSolidLine("median", current(MEDIAN), "live"),
      createDashedLine("median of the reference", reference(MEDIAN), "text", 1.5, [5, 4]),
      createDashedLine("", reference(MEDIAN - 1), "reference", 1, [2, 3]),
      createDashedLine("", reference(MEDIAN + 1), "reference", 1, [2, 3]),
      ...createBand(current, MEDIAN - 1, MEDIAN + 1),
      ...createBand(current, 0, QUANTILES.length - 1),
    ],
    legend: [["median, middle 50 %, 90 %", "live"], ["reference", "text", true]],
    y: {
      beginAtZero: false,
      ...paddedRange(values, config.value_ranges[name]),
      ticks: { maxTicksLimit: 5, includeBounds: false, callback: (value) => formatTick(value) },
    },
    tooltip: labelTooltip(formatNumber),
    description: `Quantile bands of ${name} in ${windows.length} windows. Latest window: ${describeQuantiles(latest.current)}. `
      + `Reference: ${describeQuantiles(latest.reference)}.`,
    head: ["Window (UTC)", ...QUANTILES],
    cells: (distribution) => distribution.quantiles.map(formatNumber),
  };
}

function drawCategorical(windows, name, latest) {
  const categories = [...new Set(windows.flatMap(({ distributions }) => Object.keys(distributions[name].current.shares)))];
  const shares = (side, category) => windows.map(({ distributions }) => distributions[name][side].shares[category] ?? 0);
  const describe = ({ shares: byCategory }) =>
    categories.map((category) => `${category} ${formatShare(byCategory[category] ?? 0)}`).join(", ");
  return {
    datasets: [
      ...categories.map((category, index) => createSolidLine(category, shares("current", category), seriesTone(index))),
      ...categories.map((category, index) =>
        createDashedLine(`${category} in the reference`, shares("reference", category), seriesTone(index), 1.5, [5, 4])),
    ],
    legend: [...categories.map((category, index) => [category, seriesTone(index)]), ["reference", "text", true]],
    y: { max: 1, ticks: { maxTicksLimit: 5, callback: formatPercentTick } },
    tooltip: labelTooltip(formatShare),
    description: `Line chart of the share of each ${name} in ${windows.length} windows. Latest window: ${describe(latest.current)}. `
      + `Reference: ${describe(latest.reference)}.`,
    head: ["Window (UTC)", ...categories],
    cells: (distribution) => categories.map((category) => formatShare(distribution.shares[category] ?? 0)),
  };
}

function draw({ windows, name }) {
  const latest = windows.at(-1).distributions[name];
  const drawColumn = latest.current.quantiles ? drawNumerical : drawCategorical;
  const { cells, ...drawing } = drawColumn(windows, name, latest);
  return {
    ...drawing,
    ...windowTimes(windows, 4),
    type: "line",
    rows: () => [
      ["reference", ...cells(latest.reference)],
      ...windows.toReversed().map((window) => [formatTime(window.start), ...cells(window.distributions[name].current)]),
    ],
  };
}

const figures = [...document.querySelectorAll("[data-window-distribution]")].map(
  (node) => ({ node, figure: new Figure(node.id, draw) }),
);

// Windows with too few rows have no distributions.
export function showWindowDistributions(windows) {
  for (const { node, figure } of figures) {
    const name = node.dataset.windowDistribution;
    const compared = windows.filter((window) => window.distributions[name]);
    if (!compared.length) continue;
    setText(node.querySelector(".hint"), "");
    figure.show({ windows: compared, name });
  }
}
