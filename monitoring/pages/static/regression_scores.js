// Performance of a numeric target, by window: errors, and coverage of the prediction intervals.

import { Figure, color, createEstimate, labelTooltip, windowTimes } from "./chart.js";
import { config } from "./dom.js";
import { formatBounds, formatInterval, formatNumber, formatPercentTick, formatShare, formatTick, formatTime } from "./format.js";

const withUnit = (text) => (config.unit ? `${text}, ${config.unit}` : text);
const scoresOf = (windows, name) => windows.map((window) => window.regression?.[name]);

function drawErrors(windows) {
  const latest = scoresOf(windows, "mae").findLast(Boolean);
  const line = { borderColor: color("series-2"), backgroundColor: color("series-2"), pointRadius: 2.5, spanGaps: true };
  return {
    ...windowTimes(windows),
    type: "line",
    datasets: [
      ...createEstimate("mean absolute error", "live", scoresOf(windows, "mae")),
      { ...line, label: "mean error", data: scoresOf(windows, "bias").map((bias) => bias?.value ?? null) },
    ],
    legend: [["mean absolute error, 95 % CI", "live"], ["mean error", "series-2"]],
    y: { ticks: { maxTicksLimit: 5, callback: (value) => formatTick(value) } },
    tooltip: labelTooltip(formatNumber),
    description: `Line chart of the errors in ${windows.length} windows. Latest mean absolute error: ${withUnit(formatBounds(latest))}.`,
    head: ["Window (UTC)", withUnit("mean absolute error"), withUnit("mean error"), "R²", "labelled rows"],
    rows: () => windows.toReversed().map((window) => [
      formatTime(window.start),
      formatBounds(window.regression?.mae),
      formatBounds(window.regression?.bias),
      formatNumber(window.regression?.r2),
      formatNumber(window.labelled_rows),
    ]),
  };
}

function drawCoverage(windows) {
  const latest = scoresOf(windows, "coverage").findLast(Boolean);
  return {
    ...windowTimes(windows),
    type: "line",
    datasets: createEstimate("inside", "live", scoresOf(windows, "coverage")),
    legend: [["outcomes inside their prediction interval, 95 % CI", "live"]],
    y: { beginAtZero: false, suggestedMin: 0.8, max: 1, ticks: { maxTicksLimit: 5, callback: formatPercentTick } },
    tooltip: labelTooltip(formatShare),
    description: `Line chart of the interval coverage in ${windows.length} windows. Latest: ${formatInterval(latest)}.`,
    head: ["Window (UTC)", "inside", withUnit("mean width"), "labelled rows"],
    rows: () => windows.toReversed().map((window) => [
      formatTime(window.start),
      formatInterval(window.regression?.coverage),
      formatNumber(window.regression?.interval_width),
      formatNumber(window.labelled_rows),
    ]),
  };
}

// Figures of the windows, and the columns of their table.
export const createRegressionScores = () => ({
  figures: [new Figure("chart-errors", drawErrors), new Figure("chart-coverage", drawCoverage)],
  head: [withUnit("Mean absolute error"), "Inside the interval", "R²"],
  cells: ({ regression }) => [formatBounds(regression?.mae), formatInterval(regression?.coverage), formatNumber(regression?.r2)],
});
