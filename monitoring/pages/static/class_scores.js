// Performance of a target with classes, by window: accuracy and confusion.

import { Figure, color, createEstimate, labelTooltip, seriesTone, windowTimes } from "./chart.js";
import { config } from "./dom.js";
import { formatInterval, formatNumber, formatPercentTick, formatShare, formatTime } from "./format.js";

const percentTicks = { ticks: { maxTicksLimit: 5, callback: formatPercentTick } };

function drawAccuracy(windows) {
  const measured = windows.findLast((window) => window.accuracy_interval);
  const estimated = windows.findLast((window) => window.estimated_accuracy);
  return {
    ...windowTimes(windows),
    type: "line",
    datasets: [
      ...createEstimate("estimated", "reference", windows.map((window) => window.estimated_accuracy), { borderDash: [5, 4] }),
      ...createEstimate("measured", "live", windows.map((window) => window.accuracy_interval)),
    ],
    legend: [["measured from outcomes, 95 % CI", "live"], ["estimated before outcomes arrive, 95 % CI", "reference", true]],
    y: { ...percentTicks, beginAtZero: false, suggestedMin: 0.8, max: 1 },
    tooltip: labelTooltip(formatShare),
    description: `Line chart of the accuracy in ${windows.length} windows. Latest measured: ${formatInterval(measured?.accuracy_interval)}. `
      + `Latest estimated: ${formatInterval(estimated?.estimated_accuracy)}.`,
    head: ["Window (UTC)", "estimated", "measured", "labelled rows"],
    rows: () => windows.toReversed().map((window) => [
      formatTime(window.start),
      formatInterval(window.estimated_accuracy),
      formatInterval(window.accuracy_interval),
      formatNumber(window.labelled_rows),
    ]),
  };
}

// Parts of a bar: [rows, label, tone]. `rows` counts in a confusion matrix, by outcome and then by prediction.
function confusionParts() {
  const classes = config.classes.map((name) => name.toLowerCase());
  if (classes.length > 2) {
    const correct = (counts) => counts.reduce((sum, row, index) => sum + row[index], 0);
    const total = (counts) => counts.flat().reduce((sum, count) => sum + count, 0);
    return [
      ...classes.map((name, index) => [(counts) => counts[index][index], `${name}, correct`, seriesTone(index)]),
      [(counts) => total(counts) - correct(counts), "incorrect", "drift"],
    ];
  }
  const [negative, positive] = classes;
  return [
    [(counts) => counts[1][1], `predicted ${positive}, was ${positive}`, "good"],
    [(counts) => counts[0][0], `predicted ${negative}, was ${negative}`, "reference"],
    [(counts) => counts[0][1], `predicted ${positive}, was ${negative}`, "warning"],
    [(counts) => counts[1][0], `predicted ${negative}, was ${positive}`, "drift"],
  ];
}

const drawConfusion = (parts) => (windows) => {
  const labelled = windows.filter((window) => window.labelled_rows);
  const share = (window, rows) => rows(window.confusion_matrix.counts) / window.labelled_rows;
  const describe = (window) => parts.map(([rows, label]) => `${label} ${formatShare(share(window, rows))}`).join("; ");
  return {
    ...windowTimes(labelled, 8, { stacked: true }),
    type: "bar",
    datasets: parts.map(([rows, label, tone]) => ({
      label,
      data: labelled.map((window) => share(window, rows)),
      backgroundColor: color(tone),
      stack: "one",
      barPercentage: 0.95,
      categoryPercentage: 0.95,
    })),
    legend: parts.map(([, label, tone]) => [label, tone]),
    y: { ...percentTicks, stacked: true, max: 1 },
    tooltip: labelTooltip(formatShare),
    description: labelled.length
      ? `Stacked bar chart of ${labelled.length} windows. Latest window: ${describe(labelled.at(-1))}.` : "No outcomes yet.",
    head: ["Window (UTC)", ...parts.map(([, label]) => label), "labelled rows"],
    rows: () => labelled.toReversed().map((window) => [
      formatTime(window.start), ...parts.map(([rows]) => formatShare(share(window, rows))), formatNumber(window.labelled_rows),
    ]),
  };
};

// Figures of the windows, and the columns of their table.
export const createClassScores = () => ({
  figures: [new Figure("chart-accuracy", drawAccuracy), new Figure("chart-confusion", drawConfusion(confusionParts()))],
  head: ["Estimated accuracy", "Accuracy", "F1"],
  cells: (window) => [
    formatInterval(window.estimated_accuracy), formatInterval(window.accuracy_interval), formatShare(window.f1),
  ],
});
