// What the stream does now: tiles, rates and delays.

import { Figure, colour, timeAxis } from "./chart.js";
import { byId, say } from "./dom.js";
import { clock, number } from "./words.js";

const line = (label, tone, moments, name, more = {}) => ({
  label,
  data: moments.map((each) => each[name]),
  borderColor: colour(tone),
  backgroundColor: colour(`${tone}-soft`),
  tension: 0.25,
  ...more,
});

// A figure that is older than this, ms, is not one of now.
const STALE = 5000;

const latest = (moments, name) => moments.findLast((each) => each[name] !== null);
function newest(moments, name) {
  const found = latest(moments, name);
  return found && moments.at(-1).at - found.at <= STALE ? found[name] : null;
}

const over = (moments) => ({
  times: moments.map((each) => each.at),
  gap: STALE,
  x: timeAxis(moments[0]?.at ?? 0, moments.at(-1)?.at ?? 1, 6),
});

const rate = new Figure("chart-rate", (moments) => ({
  ...over(moments),
  type: "line",
  datasets: [
    line("arriving", "reference", moments, "arrived", { borderDash: [5, 4] }),
    line("answered", "now", moments, "answered", { fill: true }),
  ],
  key: [["arriving", "reference", true], ["answered", "now"]],
  y: { ticks: { maxTicksLimit: 5, callback: number } },
  words: `Line chart of the last two minutes: ${number(newest(moments, "arrived"))} records a second arrive now, `
    + `${number(newest(moments, "answered"))} are answered.`,
  head: ["UTC", "arriving", "answered", "waiting"],
  rows: () => moments.toReversed().map((each) => [clock(each.at), number(each.arrived), number(each.answered), number(each.lag)]),
}));

const delay = new Figure("chart-delay", (moments) => ({
  ...over(moments),
  type: "line",
  datasets: [
    line("99th percentile", "series-2", moments, "p99", { spanGaps: true }),
    line("median", "now", moments, "p50", { fill: true, spanGaps: true }),
  ],
  key: [["99th percentile", "series-2"], ["median", "now"]],
  y: { ticks: { maxTicksLimit: 5, callback: (value) => `${number(value)} ms` } },
  words: `Line chart of the last two minutes: half of the predictions now come within ${number(newest(moments, "p50"))} ms `
    + `of their event, 99 of 100 within ${number(newest(moments, "p99"))} ms.`,
  head: ["UTC", "median, ms", "99th percentile, ms"],
  rows: () => moments.toReversed().map((each) => [clock(each.at), number(each.p50), number(each.p99)]),
}));

const TILES = { arrived: "records/s", answered: "records/s", lag: "records", p50: "ms", p99: "ms" };

// What a tile shows stays when nothing new comes, and is marked as old.
function tile(moments, name, unit) {
  const found = latest(moments, name);
  const age = found ? moments.at(-1).at - found.at : 0;
  const node = byId(name);
  say(node, number(found?.[name]));
  say(node.nextElementSibling, age > STALE ? `${unit}, ${Math.round(age / 1000)} s ago` : unit);
  node.closest("div").classList.toggle("stale", age > STALE);
}

export function stale() {
  for (const name of Object.keys(TILES)) byId(name).closest("div").classList.add("stale");
}

// Since when there are no predictions though records wait for them; null while there are, or none is due.
export function outage({ moments, predicted_at }) {
  const last = moments.at(-1);
  if (!last || last.at - predicted_at <= STALE) return null;
  const due = newest(moments, "lag") ?? moments.reduce((sum, each) => sum + (each.arrived ?? 0), 0);
  return due ? predicted_at : null;
}

function quiet(now) {
  const last = now.moments.at(-1);
  const silent = last ? last.at - now.predicted_at : 0;
  byId("quiet").hidden = silent <= STALE;
  if (silent <= STALE) return;
  const lag = newest(now.moments, "lag");
  const rest = outage(now) === null ? "no record waits for one" : `${number(lag)} records wait: check that a scorer runs`;
  say(byId("quiet"), `No predictions for ${number(Math.round(silent / 1000))} s; ${rest}.`);
}

export function show(now) {
  for (const [name, unit] of Object.entries(TILES)) tile(now.moments, name, unit);
  quiet(now);
  say(byId("version"), now.version ?? "–");
  rate.show(now.moments);
  delay.show(now.moments);
}
