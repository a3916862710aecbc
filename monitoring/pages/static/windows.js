// Closed windows: charts of performance and drift, and the table with reports.

import { fillTable } from "./chart.js";
import { createClassScores } from "./class_scores.js";
import { byId, config, createElement, createLink, setText } from "./dom.js";
import { formatEffect, showDrift } from "./drift.js";
import { formatCode, formatDateTime, formatDuration, formatNumber } from "./format.js";
import { createRegressionScores } from "./regression_scores.js";
import { showWindowDistributions } from "./window_distributions.js";

const scores = config.numeric ? createRegressionScores() : createClassScores();

const TABLE_HEAD = [
  "Window (UTC)", "Reports", "Length", "Rows", "Model", ...config.drift_columns,
  "Labelled rows", ...scores.head,
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
  ...scores.cells(window),
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
    for (const figure of scores.figures) figure.show(windows);
    showDrift(windows, this.alerts.latest);
    fillTable(byId("windows"), TABLE_HEAD, windows.toReversed().map(createTableRow));
    const incidents = Object.entries(this.alerts.open_incidents)
      .map(([kind, incident]) => `${formatCode(kind)} since ${formatDateTime(incident.started_at)} UTC`);
    setText(byId("incidents"), incidents.length ? `open incidents: ${incidents.join("; ")}` : "no open incident");
  }
}
