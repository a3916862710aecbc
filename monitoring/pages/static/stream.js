// The live stream: tiles with the current figures, charts of throughput and latency.

import { Figure, color, timeAxis } from "./chart.js";
import { byId, config, setText } from "./dom.js";
import { formatNumber, formatShare, formatTime } from "./format.js";

const STALE_MS = 5000; // an older figure is not current

const TILE_UNITS = {
  arrival_rate: "records/s", scoring_rate: "records/s", lag: "records", latency_p50: "ms", latency_p99: "ms",
};

const createLine = (label, tone, points, name, options = {}) => ({
  label,
  data: points.map((point) => point[name]),
  borderColor: color(tone),
  backgroundColor: color(`${tone}-soft`),
  tension: 0.25,
  ...options,
});

const findLatest = (points, name) => points.findLast((point) => point[name] !== null);

function currentValue(points, name) {
  const latest = findLatest(points, name);
  return latest && points.at(-1).sampled_at - latest.sampled_at <= STALE_MS ? latest[name] : null;
}

const timesOf = (points) => ({
  times: points.map((point) => point.sampled_at),
  gap: STALE_MS,
  x: timeAxis(points[0]?.sampled_at ?? 0, points.at(-1)?.sampled_at ?? 1, 6),
});

const rates = new Figure("chart-rates", (points) => ({
  ...timesOf(points),
  type: "line",
  datasets: [
    createLine("arriving", "reference", points, "arrival_rate", { borderDash: [5, 4] }),
    createLine("scored", "live", points, "scoring_rate", { fill: true }),
  ],
  legend: [["arriving", "reference", true], ["scored", "live"]],
  y: { ticks: { maxTicksLimit: 5, callback: (value) => `${formatNumber(value)}/s` } },
  description: `Line chart of the last two minutes. Now ${formatNumber(currentValue(points, "arrival_rate"))} records per second arrive, `
    + `and ${formatNumber(currentValue(points, "scoring_rate"))} are scored.`,
  head: ["UTC", "arriving, records/s", "scored, records/s", "lag, records"],
  rows: () => points.toReversed().map((point) => [
    formatTime(point.sampled_at), formatNumber(point.arrival_rate), formatNumber(point.scoring_rate), formatNumber(point.lag),
  ]),
}));

const latency = new Figure("chart-latency", (points) => ({
  ...timesOf(points),
  type: "line",
  datasets: [
    createLine("p99", "series-2", points, "latency_p99", { spanGaps: true }),
    createLine("p50", "live", points, "latency_p50", { fill: true, spanGaps: true }),
  ],
  legend: [["p99", "series-2"], ["p50", "live"]],
  y: { ticks: { maxTicksLimit: 5, callback: (value) => `${formatNumber(value)} ms` } },
  description: `Line chart of the last two minutes: end-to-end latency from event to prediction. Now p50 is `
    + `${formatNumber(currentValue(points, "latency_p50"))} ms, and p99 is ${formatNumber(currentValue(points, "latency_p99"))} ms.`,
  head: ["UTC", "p50, ms", "p99, ms"],
  rows: () => points.toReversed().map((point) => [
    formatTime(point.sampled_at), formatNumber(point.latency_p50), formatNumber(point.latency_p99),
  ]),
}));

// A tile keeps its last figure, and marks it once it is stale.
function showTile(points, name, unit) {
  const latest = findLatest(points, name);
  const age = latest ? points.at(-1).sampled_at - latest.sampled_at : 0;
  const node = byId(name);
  setText(node, formatNumber(latest?.[name]));
  setText(node.nextElementSibling, age > STALE_MS ? `${unit}, ${Math.round(age / 1000)} s ago` : unit);
  node.closest("div").classList.toggle("stale", age > STALE_MS);
}

export function markStale() {
  for (const name of Object.keys(TILE_UNITS)) byId(name).closest("div").classList.add("stale");
}

// Time of the last prediction, if records wait for one; null without an outage.
export function outageStart({ points, last_prediction_at }) {
  const latest = points.at(-1);
  if (!latest || latest.sampled_at - last_prediction_at <= STALE_MS) return null;
  const waiting = currentValue(points, "lag") ?? points.reduce((sum, point) => sum + (point.arrival_rate ?? 0), 0);
  return waiting ? last_prediction_at : null;
}

function showOutage(snapshot) {
  const { points, last_prediction_at } = snapshot;
  const silence = points.length ? points.at(-1).sampled_at - last_prediction_at : 0;
  byId("outage").hidden = silence <= STALE_MS;
  if (silence <= STALE_MS) return;
  const lag = currentValue(points, "lag");
  const advice = outageStart(snapshot) === null
    ? "no record waits for one"
    : `lag is ${formatNumber(lag)} records: check that a worker is running`;
  setText(byId("outage"), `No predictions for ${formatNumber(Math.round(silence / 1000))} s; ${advice}.`);
}

// How the model's outputs become predictions.
function formatRule({ threshold, interval }) {
  if (interval) return `± ${formatNumber(interval.margin)} ${config.unit} (${formatShare(interval.level)})`;
  return threshold === null ? "" : `threshold ${Number(threshold.toPrecision(3))}`;
}

export function showStream(snapshot) {
  for (const [name, unit] of Object.entries(TILE_UNITS)) showTile(snapshot.points, name, unit);
  showOutage(snapshot);
  setText(byId("model_version"), snapshot.model_version ?? "–");
  setText(byId("rule"), formatRule(snapshot));
  rates.show(snapshot.points);
  latency.show(snapshot.points);
}
