// A figure of the page: its chart (Chart.js), its legend, and the same data as a table.
/* global Chart */

import { byId, createElement, setText } from "./dom.js";
import { formatDateTime, formatTime } from "./format.js";

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const figures = [];

Chart.defaults.animation = reducedMotion ? false : { duration: 300, easing: "linear" };
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.plugins.legend.display = false; // a list below the chart replaces it
Chart.defaults.interaction = { mode: "index", intersect: false };
Chart.defaults.elements.point.radius = 0;
Chart.defaults.elements.point.hitRadius = 8;
Chart.defaults.elements.line.borderWidth = 2;

// Resolves a colour of the style sheet, since a canvas does not know CSS variables.
const probe = createElement("span", { hidden: "" });
document.body.append(probe);
export function color(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

export const seriesTone = (index) => `series-${index % 6 + 1}`;

// Tooltips with formatted values; data sets without a label have none.
export const labelTooltip = (format) => ({
  filter: (item) => item.dataset.label !== "",
  callbacks: { label: (item) => `${item.dataset.label}: ${format(item.parsed.y)}` },
});

const axisOptions = ({ grid, ticks, ...options } = {}) => ({
  border: { display: false },
  grid: { color: color("line"), drawTicks: false, ...grid },
  ticks: { color: color("muted"), font: { size: 11 }, maxRotation: 0, autoSkipPadding: 14, padding: 6, ...ticks },
  ...options,
});

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const TICK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200]
  .map((seconds) => seconds * SECOND);

// Options of a time axis (UTC, ms) with at most `maxTicks` ticks.
export function timeAxis(from, to, maxTicks) {
  const step = TICK_STEPS.find((length) => (to - from) / length <= maxTicks) ?? DAY * Math.ceil((to - from) / DAY / maxTicks);
  const format = (time) => {
    if (step >= DAY) return formatDateTime(time).slice(0, 10);
    return step < 60 * SECOND ? formatTime(time) : formatTime(time).slice(0, 5);
  };
  return {
    type: "linear",
    min: from,
    max: to,
    afterBuildTicks(scale) {
      scale.ticks = [];
      for (let time = Math.ceil(from / step) * step; time <= to; time += step) scale.ticks.push({ value: time });
    },
    ticks: { callback: format },
  };
}

// Times of windows: each is drawn at its middle. Lines break where several windows in a row are missing.
export const windowTimes = (windows, maxTicks = 10, axis = {}) => ({
  times: windows.map((window) => (window.start + window.end) / 2),
  gap: 3.5 * Math.max(...windows.map((window) => window.end - window.start)),
  x: { ...timeAxis(windows[0]?.start ?? 0, windows.at(-1)?.end ?? 1, maxTicks), ...axis },
});

// An estimate with its confidence interval: two invisible lines with the area between them, and a line.
export function createEstimate(label, tone, estimates, options = {}) {
  const values = (part) => estimates.map((estimate) => estimate?.[part] ?? null);
  const bound = { label: "", borderWidth: 0, backgroundColor: color(`${tone}-soft`), pointRadius: 0, spanGaps: true };
  const line = { borderColor: color(tone), backgroundColor: color(tone), pointRadius: 2.5, spanGaps: true };
  return [
    { ...bound, data: values("low"), fill: false },
    { ...bound, data: values("high"), fill: "-1" },
    { ...line, label, data: values("value"), ...options },
  ];
}

// Range of an axis that shows these values with a margin, within what is possible.
export function paddedRange(values, [minimum, maximum] = []) {
  const finite = values.filter((value) => Number.isFinite(value));
  if (!finite.length) return {};
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const margin = 0.06 * (high - low) || 0.06 * Math.abs(high) || 1;
  return { min: Math.max(low - margin, minimum ?? -Infinity), max: Math.min(high + margin, maximum ?? Infinity) };
}

// Aligns values to their times. Lines with `spanGaps` break at gaps longer than `gap` (ms).
const alignToTimes = (dataset, times, gap) => ({
  ...dataset,
  data: dataset.data.map((y, index) => ({ x: times[index], y })),
  ...(dataset.spanGaps ? { spanGaps: gap } : {}),
});

// `draw(data)` returns { type, labels, datasets, legend, x, y, plugins, tooltip, description, head, rows }. It is called
// for each change of the data or of the colour scheme. `times` (ms) and `gap` instead of `labels` make a time axis.
// `description` is the text for screen readers; `head` and `rows` are the table.
export class Figure {
  constructor(id, draw) {
    this.draw = draw;
    const node = byId(id);
    const title = node.querySelector("h3").textContent;
    const region = { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, as a table` };
    this.canvas = createElement("canvas", { role: "img", "aria-label": "no data yet" });
    this.legend = createElement("ul", { class: "legend", "aria-hidden": "true" });
    this.table = createElement("table", {}, createElement("thead"), createElement("tbody"));
    this.details = createElement("details", {},
      createElement("summary", {}, "As a table"), createElement("div", region, this.table));
    this.details.addEventListener("toggle", () => this.fillTable());
    node.append(createElement("div", { class: "plot" }, this.canvas), this.legend, this.details);
    figures.push(this);
  }

  show(data) {
    this.data = data;
    this.drawing = this.draw(data);
    const { type, labels, times, gap } = this.drawing;
    const datasets = times
      ? this.drawing.datasets.map((dataset) => alignToTimes(dataset, times, gap)) : this.drawing.datasets;
    const options = this.chartOptions();
    if (this.chart) this.updateChart(labels, datasets, options);
    else this.chart = new Chart(this.canvas, { type, data: { labels, datasets }, options });
    this.canvas.setAttribute("aria-label", this.drawing.description);
    this.showLegend(this.drawing.legend);
    this.fillTable();
  }

  chartOptions() {
    const { times, x, y, plugins } = this.drawing;
    const tooltip = { ...this.drawing.tooltip };
    if (times) {
      const title = ([item]) => (item ? `${formatDateTime(item.parsed.x)} UTC` : "");
      tooltip.callbacks = { title, ...tooltip.callbacks };
    }
    return {
      scales: { x: axisOptions({ grid: { display: false }, ...x }), y: axisOptions({ beginAtZero: true, ...y }) },
      plugins: { tooltip, ...plugins },
    };
  }

  // Data sets with the same label are changed in place, so that they move from their old values.
  updateChart(labels, datasets, options) {
    const { data } = this.chart;
    this.chart.options = { ...this.chart.options, ...options };
    data.labels = labels;
    datasets.forEach((dataset, index) => {
      const previous = data.datasets[index];
      if (previous && previous.label === dataset.label) Object.assign(previous, dataset);
      else data.datasets[index] = dataset;
    });
    data.datasets.length = datasets.length;
    this.chart.update();
  }

  showLegend(entries) {
    const text = JSON.stringify(entries);
    if (this.legendText === text) return;
    this.legendText = text;
    this.legend.replaceChildren(...entries.map(([label, tone, dashed]) => {
      const mark = createElement("i", { class: dashed ? "dashed" : null });
      mark.style.color = `var(--${tone})`;
      return createElement("li", {}, mark, label);
    }));
  }

  fillTable() {
    if (this.details.open && this.drawing) fillTable(this.table, this.drawing.head, this.drawing.rows());
  }
}

// Writes a table's cells. Cells whose text stays the same are not touched.
export function fillTable(table, head, rows) {
  fillSection(table.tHead, [head], () => "th");
  fillSection(table.tBodies[0], rows, (column) => (column === 0 ? "th" : "td"));
}

function fillSection(section, rows, tagOf) {
  while (section.rows.length > rows.length) section.deleteRow(-1);
  rows.forEach((cells, index) => {
    const row = section.rows[index] ?? section.insertRow();
    while (row.cells.length > cells.length) row.deleteCell(-1);
    cells.forEach((content, column) => {
      let cell = row.cells[column];
      if (!cell) {
        const tag = tagOf(column);
        cell = createElement(tag, tag === "th" ? { scope: section.tagName === "THEAD" ? "col" : "row" } : {});
        row.append(cell);
      }
      if (content instanceof Node) cell.replaceChildren(content);
      else setText(cell, String(content));
    });
  });
}

darkScheme.addEventListener("change", () => figures.forEach((figure) => figure.data && figure.show(figure.data)));
