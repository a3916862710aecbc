// Live records compared with the reference set: one chart for each column, whatever the columns are.

import { Figure, color, labelTooltip } from "./chart.js";
import { setText } from "./dom.js";
import { formatNumber, formatPercentTick, formatShare, formatTick } from "./format.js";

const createBars = (label, tone, data, options = {}) =>
  ({ type: "bar", label, data, backgroundColor: color(tone), borderRadius: 3, ...options });
const createOutline = (label, data, options) =>
  ({ type: "line", label, data, cubicInterpolationMode: "monotone", ...options });

// Total variation distance: the share of the records in other bins than in the reference.
function totalVariation({ reference, current }) {
  return reference.reduce((sum, share, bin) => sum + Math.abs(share - current[bin]), 0) / 2;
}

function draw(distribution) {
  const { column, numerical, bins, reference, current, rows, current_median, reference_median } = distribution;
  const medians = current_median === null
    ? "" : `Median ${formatNumber(current_median)}, reference ${formatNumber(reference_median)}. `;
  return {
    type: "bar",
    labels: bins,
    datasets: numerical
      ? [
          createOutline("reference", reference, { borderColor: color("text"), borderWidth: 1.5, borderDash: [4, 3], order: 0 }),
          createBars("live", "live", current, { categoryPercentage: 1, barPercentage: 0.86, order: 1 }),
          createOutline("", reference, { backgroundColor: color("reference-soft"), borderWidth: 0, fill: true, order: 2 }),
        ]
      : [createBars("reference", "reference", reference), createBars("live", "live", current)],
    legend: [["live", "live"], ["reference", numerical ? "text" : "reference", numerical]],
    x: { ticks: { maxTicksLimit: 8, callback(value) { return formatTick(this.getLabelForValue(value)); } } },
    y: { ticks: { maxTicksLimit: 4, callback: formatPercentTick } },
    tooltip: labelTooltip(formatShare),
    description: `${numerical ? "Histogram" : "Bar chart"} of ${column} in the latest ${formatNumber(rows)} records and in the `
      + `reference. ${medians}Total variation distance ${formatShare(totalVariation(distribution))}.`,
    head: [numerical ? "from" : "value", "live", "reference"],
    rows: () => bins.map((label, bin) => [label, formatShare(current[bin]), formatShare(reference[bin])]),
  };
}

const figures = new Map([...document.querySelectorAll("[data-distribution]")].map(
  (node) => [node.dataset.distribution, { node, figure: new Figure(node.id, draw) }],
));

export function showDistributions(distributions) {
  for (const distribution of distributions) {
    const card = figures.get(distribution.column);
    if (!card) continue;
    const { current_median, reference_median, rows } = distribution;
    setText(card.node.querySelector(".hint"), current_median === null
      ? `latest ${formatNumber(rows)} records`
      : `median ${formatNumber(current_median)}, reference ${formatNumber(reference_median)}`);
    card.figure.show(distribution);
  }
}
