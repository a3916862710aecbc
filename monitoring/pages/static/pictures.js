// The incoming population beside the reference: a figure for each column, whatever the columns are.

import { Figure, colour } from "./chart.js";
import { say } from "./dom.js";
import { number, numberLike, share } from "./words.js";

const bars = (label, tone, data, more = {}) => ({ type: "bar", label, data, backgroundColor: colour(tone), borderRadius: 3, ...more });

const outline = (label, data, more) => ({ type: "line", label, data, cubicInterpolationMode: "monotone", ...more });

function distance(picture) {
  return picture.reference.reduce((sum, each, place) => sum + Math.abs(each - picture.current[place]), 0) / 2;
}

function draw(picture) {
  const middle = picture.middle
    ? `Median ${number(picture.middle[0])}, in the reference ${number(picture.middle[1])}. ` : "";
  return {
    type: "bar",
    labels: picture.labels,
    datasets: picture.numerical
      ? [
          outline("reference", picture.reference, { borderColor: colour("text"), borderWidth: 1.5, borderDash: [4, 3], order: 0 }),
          bars("now", "now", picture.current, { categoryPercentage: 1, barPercentage: 0.86, order: 1 }),
          outline("", picture.reference, { backgroundColor: colour("reference-soft"), borderWidth: 0, fill: true, order: 2 }),
        ]
      : [bars("reference", "reference", picture.reference), bars("now", "now", picture.current)],
    key: [["now", "now"], ["reference", picture.numerical ? "text" : "reference", picture.numerical]],
    x: { ticks: { maxTicksLimit: 8, callback(value) { return numberLike(this.getLabelForValue(value)); } } },
    y: { ticks: { maxTicksLimit: 4, callback: (value) => `${Math.round(100 * value)} %` } },
    tooltip: { filter: (item) => item.dataset.label !== "", callbacks: { label: (item) => `${item.dataset.label}: ${share(item.raw)}` } },
    words: `${picture.numerical ? "Histogram" : "Bars"} of ${picture.name} in the latest ${number(picture.rows)} records beside the `
      + `reference. ${middle}${share(distance(picture))} of the records would have to be others to look like the reference.`,
    head: [picture.numerical ? "from" : "value", "now", "reference"],
    rows: () => picture.labels.map((label, place) => [label, share(picture.current[place]), share(picture.reference[place])]),
  };
}

const figures = new Map(
  [...document.querySelectorAll("[data-column]")].map((node) => [node.dataset.column, { node, figure: new Figure(node.id, draw) }]),
);

export function show(pictures) {
  for (const picture of pictures) {
    const own = figures.get(picture.name);
    if (!own) continue;
    const middle = picture.middle ? `median ${number(picture.middle[0])}, was ${number(picture.middle[1])}` : `latest ${number(picture.rows)}`;
    say(own.node.querySelector(".hint"), middle);
    own.figure.show(picture);
  }
}
