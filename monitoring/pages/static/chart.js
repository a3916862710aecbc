// A figure of the page -> its drawing (Chart.js), its key, and the same as a table.
/* global Chart */

import { byId, element, say } from "./dom.js";
import { clock, date } from "./words.js";

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const dark = matchMedia("(prefers-color-scheme: dark)");
const figures = [];

Chart.defaults.animation = still ? false : { duration: 300, easing: "linear" };
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.plugins.legend.display = false; // a list beside it does that, for everybody
Chart.defaults.interaction = { mode: "index", intersect: false };
Chart.defaults.elements.point.radius = 0;
Chart.defaults.elements.point.hitRadius = 8;
Chart.defaults.elements.line.borderWidth = 2;

// The present value of a colour of the style sheet: a canvas does not know its variables.
const probe = element("span", { hidden: "" });
document.body.append(probe);
export function colour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

const axis = (more = {}) => {
  const { grid, ticks, ...rest } = more;
  return {
    border: { display: false },
    grid: { color: colour("line"), drawTicks: false, ...grid },
    ticks: { color: colour("quiet"), font: { size: 11 }, maxRotation: 0, autoSkipPadding: 14, padding: 6, ...ticks },
    ...rest,
  };
};

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200].map((each) => each * SECOND);

// A time axis (UTC) from one moment to another, with at most so many ticks.
export function timeAxis(from, to, most) {
  const step = STEPS.find((each) => (to - from) / each <= most) ?? DAY * Math.ceil((to - from) / DAY / most);
  const words = (at) => (step >= DAY ? date(at).slice(0, 10) : step < 60 * SECOND ? clock(at) : clock(at).slice(0, 5));
  return {
    type: "linear",
    min: from,
    max: to,
    afterBuildTicks(scale) {
      scale.ticks = [];
      for (let at = Math.ceil(from / step) * step; at <= to; at += step) scale.ticks.push({ value: at });
    },
    ticks: { callback: words },
  };
}

// Bounds of an axis that shows these values, and nothing that cannot be.
export function bounded(values, [least, most] = []) {
  const known = values.filter((each) => Number.isFinite(each));
  if (!known.length) return {};
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = 0.06 * (high - low) || 0.06 * Math.abs(high) || 1;
  return { min: Math.max(low - room, least ?? -Infinity), max: Math.min(high + room, most ?? Infinity) };
}

// Values at their times; a line is broken where longer than `gap` (ms) there is none.
const timed = (set, times, gap) => ({
  ...set,
  data: set.data.map((y, place) => ({ x: times[place], y })),
  ...(set.spanGaps ? { spanGaps: gap } : {}),
});

// `draw(data)` gives { type, labels, datasets, key, x, y, plugins, words, head, rows }, anew each time, for
// colours change with the scheme. In place of labels, `times` (ms) and `gap` make a time axis. `words` say what is to be seen; `head` and `rows` are the table.
export class Figure {
  constructor(id, draw) {
    this.draw = draw;
    this.node = byId(id);
    this.canvas = element("canvas", { role: "img", "aria-label": "nothing yet" });
    this.key = element("ul", { class: "key", "aria-hidden": "true" });
    this.table = element("table", {}, element("thead"), element("tbody"));
    const title = this.node.querySelector("h3").textContent;
    const region = { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, as a table` };
    this.details = element("details", {}, element("summary", {}, "As a table"), element("div", region, this.table));
    this.details.addEventListener("toggle", () => this.tabulate());
    this.node.append(element("div", { class: "plot" }, this.canvas), this.key, this.details);
    figures.push(this);
  }

  show(data) {
    this.data = data;
    const drawn = this.draw(data);
    this.drawn = drawn;
    const { times } = drawn;
    const datasets = times ? drawn.datasets.map((set) => timed(set, times, drawn.gap)) : drawn.datasets;
    const tooltip = { ...drawn.tooltip };
    if (times) tooltip.callbacks = { title: ([item]) => (item ? `${date(item.parsed.x)} UTC` : ""), ...tooltip.callbacks };
    const options = {
      scales: { x: axis({ grid: { display: false }, ...drawn.x }), y: axis({ beginAtZero: true, ...drawn.y }) },
      plugins: { tooltip, ...drawn.plugins },
    };
    if (this.chart) {
      this.chart.options = { ...this.chart.options, ...options };
      this.chart.data.labels = drawn.labels;
      datasets.forEach((set, place) => {
        const known = this.chart.data.datasets[place];
        if (known && known.label === set.label) Object.assign(known, set);
        else this.chart.data.datasets[place] = set;
      });
      this.chart.data.datasets.length = datasets.length;
      this.chart.update();
    } else {
      this.chart = new Chart(this.canvas, { type: drawn.type, data: { labels: drawn.labels, datasets }, options });
    }
    this.canvas.setAttribute("aria-label", drawn.words);
    this.legend(drawn.key ?? []);
    this.tabulate();
  }

  legend(entries) {
    const told = JSON.stringify(entries);
    if (this.told === told) return;
    this.told = told;
    this.key.replaceChildren(...entries.map(([words, tone, dashed]) => {
      const mark = element("i", { class: dashed ? "dashed" : null });
      mark.style.color = `var(--${tone})`;
      return element("li", {}, mark, words);
    }));
  }

  tabulate() {
    if (!this.details.open || !this.drawn) return;
    fill(this.table, this.drawn.head, this.drawn.rows());
  }
}

// Writes a table's cells; those that stay as they are are left alone.
export function fill(table, head, rows) {
  const write = (part, lines, kinds) => {
    while (part.rows.length > lines.length) part.deleteRow(-1);
    lines.forEach((cells, place) => {
      const row = part.rows[place] ?? part.insertRow();
      while (row.cells.length > cells.length) row.deleteCell(-1);
      cells.forEach((cell, column) => {
        const kind = kinds(column);
        let own = row.cells[column];
        if (!own) {
          own = element(kind, kind === "th" ? { scope: part.tagName === "THEAD" ? "col" : "row" } : {});
          row.append(own);
        }
        if (cell instanceof Node) own.replaceChildren(cell);
        else say(own, String(cell));
      });
    });
  };
  write(table.tHead, [head], () => "th");
  write(table.tBodies[0], rows, (column) => (column === 0 ? "th" : "td"));
}

dark.addEventListener("change", () => figures.forEach((each) => each.data && each.show(each.data)));
