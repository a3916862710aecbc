// The drift chart: each column's difference from the reference, with the incidents behind the lines.
/* global Chart */

import { Figure, color, seriesTone, windowTimes } from "./chart.js";
import { config } from "./dom.js";
import { formatCode, formatDateTime, formatSigned, formatTime } from "./format.js";

const columns = config.drift_columns;
const isFeature = (index) => index < config.features.length;
const driftedIn = (window) => columns.filter((name) => window.columns[name]?.drifted);

export const formatEffect = (column) =>
  (column?.effect_size === null || !column ? "–" : `${formatSigned(column.effect_size)}${column.drifted ? " ▲" : ""}`);

// The incidents that the windows show: `from` and `to` are times on the axis.
function incidentSpans(alerts, windows) {
  if (!windows.length) return [];
  const incidents = new Map();
  for (const alert of alerts) {
    const incident = incidents.get(alert.incident)
      ?? { started_at: alert.started_at, resolved_at: null, label: formatCode(alert.kind) };
    if (alert.status === "resolved") incident.resolved_at = alert.window_start;
    incidents.set(alert.incident, incident);
  }
  const windowAt = (time) => windows[Math.max(0, windows.findIndex((window) => window.end > time))];
  return [...incidents.values()]
    .filter(({ resolved_at }) => resolved_at === null || resolved_at >= windows[0].start)
    .map((incident) => ({
      ...incident,
      from: windowAt(incident.started_at).start,
      to: (incident.resolved_at === null ? windows.at(-1) : windowAt(incident.resolved_at)).end,
    }));
}

// Chart.js plugin: draws the spans behind the lines, with their labels.
const spansPlugin = {
  id: "spans",
  beforeDatasetsDraw({ ctx, chartArea: area, scales: { x } }, _, { spans, fill, text }) {
    if (!spans?.length) return;
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.left, area.top, area.width, area.height);
    ctx.clip();
    ctx.font = `11px ${Chart.defaults.font.family}`;
    const edges = spans.map((span) => [x.getPixelForValue(span.from), x.getPixelForValue(span.to)]);
    ctx.fillStyle = fill;
    ctx.beginPath(); // a single path, so that overlapping spans are not darker
    for (const [left, right] of edges) ctx.rect(left, area.top, right - left, area.height);
    ctx.fill();
    ctx.fillStyle = text;
    spans.forEach((span, row) => {
      const left = Math.max(edges[row][0], area.left);
      ctx.fillRect(left, area.top, 2, area.height);
      const fits = area.right - left > ctx.measureText(span.label).width + 8;
      ctx.textAlign = fits ? "left" : "right";
      ctx.fillText(span.label, left + (fits ? 6 : -5), area.top + 12 + 13 * (row % 5));
    });
    ctx.restore();
  },
};
Chart.register(spansPlugin);

function createLine(windows, name, index) {
  const tone = color(seriesTone(index));
  const hasDrifted = windows.map((window) => Boolean(window.columns[name]?.drifted));
  return {
    label: name,
    data: windows.map((window) => window.columns[name]?.effect_size ?? null),
    borderColor: tone,
    backgroundColor: tone,
    spanGaps: true,
    borderDash: isFeature(index) ? [] : [5, 4],
    pointStyle: hasDrifted.map((drifted) => (drifted ? "triangle" : "circle")),
    pointRadius: hasDrifted.map((drifted) => (drifted ? 5 : 2)),
  };
}

function describe(windows, spans) {
  if (!windows.length) return "No closed window yet.";
  const drifted = driftedIn(windows.at(-1)).join(", ") || "none";
  const incidents = spans.map((span) => `${span.label}, since ${formatDateTime(span.started_at)}`).join("; ") || "none";
  return `Line chart of ${windows.length} windows. Drifted columns in the latest window: ${drifted}. Incidents: ${incidents}.`;
}

function draw({ windows, alerts }) {
  const spans = incidentSpans(alerts, windows);
  return {
    ...windowTimes(windows),
    type: "line",
    datasets: columns.map((name, index) => createLine(windows, name, index)),
    legend: [...columns.map((name, index) => [name, seriesTone(index), !isFeature(index)]), ["incident", "drift-soft"]],
    y: {
      beginAtZero: false,
      suggestedMin: -0.25,
      suggestedMax: 0.25,
      ticks: { maxTicksLimit: 6, callback: (value) => (value === 0 ? "0" : formatSigned(value)) },
    },
    plugins: { spans: { spans, fill: color("drift-soft"), text: color("drift") } },
    tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${formatSigned(item.parsed.y)}` } },
    description: describe(windows, spans),
    head: ["Window (UTC)", ...columns],
    rows: () => windows.toReversed().map(
      (window) => [formatTime(window.start), ...columns.map((name) => formatEffect(window.columns[name]))],
    ),
  };
}

const figure = new Figure("chart-drift", draw);

export const showDrift = (windows, alerts) => figure.show({ windows, alerts });
