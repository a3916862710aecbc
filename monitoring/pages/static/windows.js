// Closed windows: accuracy, what came of predictions, drift with its episodes, and the table with reports.

import { Figure, colour, fill, timeAxis } from "./chart.js";
import { byId, element, link, say } from "./dom.js";
import { bands } from "./bands.js";
import * as spreads from "./spreads.js";
import { clock, date, interval, number, share, signed, span } from "./words.js";

// Each window is at its middle. A line is broken where some windows in a row are missing.
const over = (windows, most = 10, more = {}) => ({
  times: windows.map((each) => (each.start + each.end) / 2),
  gap: 3.5 * Math.max(...windows.map((each) => each.end - each.start)),
  x: { ...timeAxis(windows[0]?.start ?? 0, windows.at(-1)?.end ?? 1, most), ...more },
});
const percent = { ticks: { maxTicksLimit: 5, callback: (value) => `${Math.round(100 * value)} %` } };

const bound = (tone, data, more) => ({ label: "", data, borderWidth: 0, backgroundColor: colour(tone), pointRadius: 0, spanGaps: true, ...more });
function estimate(label, tone, soft, windows, name, dashed) {
  const of = (part) => windows.map((each) => each[name]?.[part] ?? null);
  return [
    bound(soft, of("low"), { fill: false }),
    bound(soft, of("high"), { fill: "-1" }),
    { label, data: of("value"), borderColor: colour(tone), backgroundColor: colour(tone), borderDash: dashed ? [5, 4] : [], pointRadius: 2.5, spanGaps: true },
  ];
}

const accuracy = new Figure("chart-accuracy", (windows) => {
  const measured = windows.findLast((each) => each.accuracy_interval);
  const expected = windows.findLast((each) => each.expected_accuracy);
  return {
    ...over(windows),
    type: "line",
    datasets: [
      ...estimate("expected", "reference", "reference-soft", windows, "expected_accuracy", true),
      ...estimate("measured", "now", "now-soft", windows, "accuracy_interval", false),
    ],
    key: [["measured on known outcomes, 95 %", "now"], ["expected before they are known", "reference", true]],
    y: { ...percent, beginAtZero: false, suggestedMin: 0.8, max: 1 },
    tooltip: { filter: (item) => item.dataset.label !== "", callbacks: { label: (item) => `${item.dataset.label}: ${share(item.parsed.y)}` } },
    words: `Line chart of the accuracy of ${windows.length} windows. Latest measured: ${interval(measured?.accuracy_interval)}. `
      + `Latest expected: ${interval(expected?.expected_accuracy)}.`,
    head: ["Window (UTC)", "expected", "measured", "known outcomes"],
    rows: () => windows.toReversed().map((each) => [clock(each.start), interval(each.expected_accuracy), interval(each.accuracy_interval), number(each.labelled)]),
  };
});

const classes = JSON.parse(document.body.dataset.told).classes.map((each) => each.toLowerCase());

// What can come of a prediction: how many rows (of counts by the class that came, then the one that was said), words, tone.
function fates() {
  if (classes.length > 2) {
    const right = (counts) => counts.reduce((sum, row, place) => sum + row[place], 0);
    const all = (counts) => counts.flat().reduce((sum, count) => sum + count, 0);
    return [
      ...classes.map((name, place) => [(counts) => counts[place][place], `was ${name}, said so`, `series-${place % 6 + 1}`]),
      [(counts) => all(counts) - right(counts), "said otherwise", "drift"],
    ];
  }
  const [no, yes] = classes;
  return [
    [(counts) => counts[1][1], `said ${yes}, was ${yes}`, "good"],
    [(counts) => counts[0][0], `said ${no}, was ${no}`, "reference"],
    [(counts) => counts[0][1], `said ${yes}, was ${no}`, "warn"],
    [(counts) => counts[1][0], `said ${no}, was ${yes}`, "drift"],
  ];
}

const FATES = fates();

const outcomes = new Figure("chart-outcomes", (windows) => {
  const known = windows.filter((each) => each.labelled);
  const part = (each, rows) => rows(each.outcomes.counts) / each.labelled;
  return {
    ...over(known, 8, { stacked: true }),
    type: "bar",
    datasets: FATES.map(([rows, label, tone]) => ({ label, data: known.map((each) => part(each, rows)), backgroundColor: colour(tone), stack: "one", barPercentage: 0.95, categoryPercentage: 0.95 })),
    key: FATES.map(([, label, tone]) => [label, tone]),
    y: { ...percent, stacked: true, max: 1 },
    tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${share(item.parsed.y)}` } },
    words: known.length
      ? `Stacked bars of ${known.length} windows. In the latest: ${FATES.map(([rows, label]) => `${label} ${share(part(known.at(-1), rows))}`).join(", ")}.`
      : "No outcome is known yet.",
    head: ["Window (UTC)", ...FATES.map(([, label]) => label), "known outcomes"],
    rows: () => known.toReversed().map((each) => [clock(each.start), ...FATES.map(([rows]) => share(part(each, rows))), number(each.labelled)]),
  };
});

export class Windows {
  constructor(told) {
    this.told = told;
    this.known = new Map();
    this.alerts = { open: {}, latest: [] };
    this.drift = new Figure("chart-drift", (windows) => this.drawDrift(windows));
  }

  take(window) {
    this.known.set(window.start, window);
    const starts = [...this.known.keys()].sort((one, other) => one - other);
    for (const old of starts.slice(0, -this.told.kept)) this.known.delete(old);
    this.due();
  }

  takeAlerts(alerts) {
    this.alerts = alerts;
    this.due();
  }

  // Many come at once: they are drawn together.
  due() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = undefined;
      this.show();
    });
  }

  show() {
    const windows = [...this.known.values()].sort((one, other) => one.start - other.start);
    spreads.show(windows);
    accuracy.show(windows);
    outcomes.show(windows);
    this.drift.show(windows);
    this.tabulate(windows.toReversed());
    const open = Object.entries(this.alerts.open).map(([kind, each]) => `${kind.replaceAll("_", " ")} since ${date(each.since)} UTC`);
    say(byId("episodes"), open.length ? `open: ${open.join("; ")}` : "no episode is open");
  }

  drawDrift(windows) {
    const drifted = (window) => this.told.columns.filter((name) => window.columns[name]?.drifted);
    const newest = windows.at(-1);
    const spans = episodes(this.alerts, windows);
    const effect = (window, name) => window.columns[name]?.effect ?? null;
    return {
      ...over(windows),
      type: "line",
      datasets: this.told.columns.map((name, place) => {
        const tone = colour(`series-${place % 6 + 1}`);
        const marked = (each) => each.columns[name]?.drifted;
        return {
          label: name,
          data: windows.map((each) => effect(each, name)),
          borderColor: tone,
          backgroundColor: tone,
          spanGaps: true,
          borderDash: place >= this.told.features.length ? [5, 4] : [],
          pointStyle: windows.map((each) => (marked(each) ? "triangle" : "circle")),
          pointRadius: windows.map((each) => (marked(each) ? 5 : 2)),
        };
      }),
      key: [...this.told.columns.map((name, place) => [name, `series-${place % 6 + 1}`, place >= this.told.features.length]), ["an alert's episode", "drift-soft"]],
      y: { beginAtZero: false, suggestedMin: -0.25, suggestedMax: 0.25, ticks: { maxTicksLimit: 6, callback: (value) => (value === 0 ? "0" : signed(value)) } },
      plugins: { bands: { spans, ground: colour("drift-soft"), edge: colour("drift"), text: colour("drift") } },
      tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${signed(item.parsed.y)}` } },
      words: newest
        ? `Line chart of ${windows.length} windows. In the latest ${drifted(newest).join(", ") || "no column"} drifts. `
          + `Episodes: ${spans.map((each) => `${each.words}, since ${date(each.since)}`).join("; ") || "none"}.`
        : "No window is closed yet.",
      head: ["Window (UTC)", ...this.told.columns],
      rows: () => windows.toReversed().map((each) => [clock(each.start), ...this.told.columns.map((name) => cell(each.columns[name]))]),
    };
  }

  tabulate(windows) {
    const head = ["Window (UTC)", "Reports", "Length", "Rows", "Model", ...this.told.columns, "Known outcomes", "Expected accuracy", "Accuracy", "F1"];
    fill(byId("windows"), head, windows.map((each) => [
      date(each.start),
      reports(each),
      length(each, this.told.windowMs),
      number(each.rows),
      this.told.mlflow ? link(`/models/${encodeURIComponent(each.model_version)}`, each.model_version) : each.model_version,
      ...this.told.columns.map((name) => marked(each.columns[name])),
      number(each.labelled),
      interval(each.expected_accuracy),
      interval(each.accuracy_interval),
      share(each.f1),
    ]));
  }
}

const cell = (column) => (column?.effect === null || !column ? "–" : `${signed(column.effect)}${column.drifted ? " ▲" : ""}`);
const marked = (column) => element("span", { class: column?.drifted ? "drifted" : null, title: column?.words }, cell(column));

function length(window, usual) {
  const ms = window.end - window.start;
  return ms > usual ? element("span", { title: "extended until it had enough rows" }, `${span(ms)} ↔`) : span(ms);
}

function reports(window) {
  const made = [[window.report, "drift"], [window.target_report, "outcomes"]].filter(([name]) => name);
  if (!made.length) return window.result === "reported" ? "removed" : window.result.replaceAll("_", " ");
  const links = made.flatMap(([name, words]) => [link(`/reports/${name}`, words), " "]);
  return element("span", {}, ...links);
}

// The episodes that the windows see: where each began and, if it has ended, where.
function episodes(alerts, windows) {
  const found = new Map();
  for (const alert of alerts.latest) {
    const one = found.get(alert.episode) ?? { since: alert.since, until: null, words: alert.kind.replaceAll("_", " ") };
    if (alert.status === "resolved") one.until = alert.window;
    found.set(alert.episode, one);
  }
  if (!windows.length) return [];
  const place = (time) => windows.findIndex((each) => each.end > time);
  return [...found.values()]
    .filter((each) => each.until === null || each.until >= windows[0].start)
    .map((each) => ({
      ...each,
      from: windows[Math.max(0, place(each.since))].start,
      to: (each.until === null ? windows.at(-1) : windows[Math.max(0, place(each.until))]).end,
    }));
}

bands();
