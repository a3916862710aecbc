// What the stream does now: tiles, rates and delays.

import { Figure, colour } from "./chart.js";
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

const newest = (moments, name) => moments.findLast((each) => each[name] !== null)?.[name] ?? null;
const over = (moments) => ({ labels: moments.map((each) => clock(each.at)), x: { ticks: { maxTicksLimit: 6 } } });

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

export function show(now) {
  for (const name of ["arrived", "answered", "lag", "p50", "p99"]) say(byId(name), number(newest(now.moments, name)));
  say(byId("version"), now.version ?? "–");
  rate.show(now.moments);
  delay.show(now.moments);
}
