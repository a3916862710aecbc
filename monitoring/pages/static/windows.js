// Closed windows: accuracy and confusion charts, drift, and the table with reports.

import { Figure, color, fillTable, labelTooltip, seriesTone, windowTimes } from "./chart.js";
import { byId, config, createElement, createLink, setText } from "./dom.js";
import { formatEffect, showDrift } from "./drift.js";
import {
  formatCode, formatDateTime, formatDuration, formatInterval, formatNumber, formatPercentTick, formatShare, formatTime,
} from "./format.js";
import { showWindowDistributions } from "./window_distributions.js";

const percentTicks = { ticks: { maxTicksLimit: 5, callback: formatPercentTick } };

// An estimate with its confidence interval: two invisible lines with the area between them, and a line.
function createEstimate(label, tone, windows, name, options = {}) {
  const values = (part) => windows.map((window) => window[name]?.[part] ?? null);
  const bound = { label: "", borderWidth: 0, backgroundColor: color(`${tone}-soft`), pointRadius: 0, spanGaps: true };
  const line = { borderColor: color(tone), backgroundColor: color(tone), pointRadius: 2.5, spanGaps: true };
  return [
    { ...bound, data: values("low"), fill: false },
    { ...bound, data: values("high"), fill: "-1" },
    { ...line, label, data: values("value"), ...options },
  ];
}

const accuracy = new Figure("chart-accuracy", (windows) => {
  const measured = windows.findLast((window) => window.accuracy_interval);
  const estimated = windows.findLast((window) => window.estimated_accuracy);
  return {
    ...windowTimes(windows),
    type: "line",
    datasets: [
      ...createEstimate("estimated", "reference", windows, "estimated_accuracy", { borderDash: [5, 4] }),
      ...createEstimate("measured", "live", windows, "accuracy_interval"),
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
});

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

const CONFUSION_PARTS = confusionParts();

const confusion = new Figure("chart-confusion", (windows) => {
  const labelled = windows.filter((window) => window.labelled_rows);
  const share = (window, rows) => rows(window.confusion_matrix.counts) / window.labelled_rows;
  const describe = (window) => CONFUSION_PARTS.map(([rows, label]) => `${label} ${formatShare(share(window, rows))}`).join("; ");
  return {
    ...windowTimes(labelled, 8, { stacked: true }),
    type: "bar",
    datasets: CONFUSION_PARTS.map(([rows, label, tone]) => ({
      label,
      data: labelled.map((window) => share(window, rows)),
      backgroundColor: color(tone),
      stack: "one",
      barPercentage: 0.95,
      categoryPercentage: 0.95,
    })),
    legend: CONFUSION_PARTS.map(([, label, tone]) => [label, tone]),
    y: { ...percentTicks, stacked: true, max: 1 },
    tooltip: labelTooltip(formatShare),
    description: labelled.length
      ? `Stacked bar chart of ${labelled.length} windows. Latest window: ${describe(labelled.at(-1))}.` : "No outcomes yet.",
    head: ["Window (UTC)", ...CONFUSION_PARTS.map(([, label]) => label), "labelled rows"],
    rows: () => labelled.toReversed().map((window) => [
      formatTime(window.start), ...CONFUSION_PARTS.map(([rows]) => formatShare(share(window, rows))), formatNumber(window.labelled_rows),
    ]),
  };
});

const TABLE_HEAD = [
  "Window (UTC)", "Reports", "Length", "Rows", "Model", ...config.drift_columns,
  "Labelled rows", "Estimated accuracy", "Accuracy", "F1",
];

function createReportLinks(window) {
  const reports = [[window.report, "drift"], [window.outcome_report, "outcomes"]].filter(([name]) => name);
  if (!reports.length) return window.result === "reported" ? "deleted" : formatCode(window.result);
  return createElement("span", {}, ...reports.flatMap(([name, text]) => [createLink(`/reports/${name}`, text), " "]));
}

function createLengthCell(window) {
  const ms = window.end - window.start;
  if (ms <= config.window_ms) return formatDuration(ms);
  return createElement("span", { title: "extended until it had enough rows" }, `${formatDuration(ms)} ↔`);
}

function createRowsCell({ rows, missing_partitions: missing, revision }) {
  const notes = [];
  if (missing.length) notes.push(["⚠", `records of ${missing.join(", ")} are missing: an open transaction held them back`]);
  if (revision) notes.push(["↻", `updated with late records (${revision} ×)`]);
  if (!notes.length) return formatNumber(rows);
  const title = notes.map(([, note]) => note).join("; ");
  return createElement("span", { title }, [formatNumber(rows), ...notes.map(([mark]) => mark)].join(" "));
}

const createModelCell = ({ model_version: version }) =>
  (config.has_mlflow ? createLink(`/models/${encodeURIComponent(version)}`, version) : version);

const createDriftCell = (column) =>
  createElement("span", { class: column?.drifted ? "drifted" : null, title: column?.message }, formatEffect(column));

const createTableRow = (window) => [
  formatDateTime(window.start),
  createReportLinks(window),
  createLengthCell(window),
  createRowsCell(window),
  createModelCell(window),
  ...config.drift_columns.map((name) => createDriftCell(window.columns[name])),
  formatNumber(window.labelled_rows),
  formatInterval(window.estimated_accuracy),
  formatInterval(window.accuracy_interval),
  formatShare(window.f1),
];

// Keeps the latest windows and alerts, and draws all that shows them.
export class WindowCharts {
  constructor() {
    this.windows = new Map(); // by start
    this.alerts = { open_incidents: {}, latest: [] };
  }

  addWindow(window) {
    this.windows.set(window.start, window);
    const starts = [...this.windows.keys()].sort((left, right) => left - right);
    for (const start of starts.slice(0, -config.max_windows)) this.windows.delete(start);
    this.requestRender();
  }

  setAlerts(alerts) {
    this.alerts = alerts;
    this.requestRender();
  }

  // Many windows arrive at once: they are drawn together.
  requestRender() {
    this.pendingFrame ??= requestAnimationFrame(() => {
      this.pendingFrame = undefined;
      this.render();
    });
  }

  render() {
    const windows = [...this.windows.values()].sort((left, right) => left.start - right.start);
    showWindowDistributions(windows);
    accuracy.show(windows);
    confusion.show(windows);
    showDrift(windows, this.alerts.latest);
    fillTable(byId("windows"), TABLE_HEAD, windows.toReversed().map(createTableRow));
    const incidents = Object.entries(this.alerts.open_incidents)
      .map(([kind, incident]) => `${formatCode(kind)} since ${formatDateTime(incident.started_at)} UTC`);
    setText(byId("incidents"), incidents.length ? `open incidents: ${incidents.join("; ")}` : "no open incident");
  }
}
