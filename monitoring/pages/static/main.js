// The page's one stream of events -> the parts that draw them.

import "./form.js";
import { byId, say } from "./dom.js";
import * as letters from "./letters.js";
import * as now from "./now.js";
import * as pictures from "./pictures.js";
import { clock } from "./words.js";
import { Timeline } from "./timeline.js";
import { Windows } from "./windows.js";

const told = JSON.parse(document.body.dataset.told);
const windows = new Windows(told);
const timeline = new Timeline(told);
const state = byId("state");
let open = {};
let source;
let outage = null;
let heard = performance.now();

// Without news for so long, ms, what is shown is not of now.
const SILENT = 6000;

// Told to screen readers too: so only when it changes.
function stand(kind, words) {
  if (state.dataset.state !== kind) state.dataset.state = kind;
  say(state, words);
}

function calm() {
  if (outage !== null) {
    stand("lost", `no predictions since ${clock(outage)} UTC`);
    return;
  }
  const kinds = Object.keys(open).map((kind) => kind.replaceAll("_", " "));
  if (kinds.length) stand("drift", `live: ${kinds.join(", ")}`);
  else stand("good", "live: no drift");
}

const parts = {
  now(part) {
    heard = performance.now();
    outage = now.outage(part);
    now.show(part);
    pictures.show(part.pictures);
    calm();
  },
  window: (part) => windows.take(part),
  alerts(part) {
    open = part.open;
    windows.takeAlerts(part);
    timeline.takeAlerts(part);
    calm();
  },
  steps: (part) => timeline.takeSteps(part),
  letters: (part) => letters.show(part),
};

function connect() {
  source = new EventSource("/events");
  for (const [name, take] of Object.entries(parts)) {
    source.addEventListener(name, (event) => take(JSON.parse(event.data)));
  }
  source.addEventListener("open", () => {
    heard = performance.now();
    calm();
  });
  source.addEventListener("error", () => {
    stand("lost", "the monitoring does not answer; trying again");
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000); // it answered with an error
  });
}

byId("pause").addEventListener("click", ({ currentTarget: button }) => {
  const pause = button.getAttribute("aria-pressed") === "false";
  button.setAttribute("aria-pressed", String(pause));
  if (pause) {
    source.close();
    stand("waiting", "paused");
  } else connect();
});

setInterval(() => {
  if (source.readyState !== EventSource.OPEN || performance.now() - heard < SILENT) return;
  stand("lost", "no news from the monitoring");
  now.stale();
}, 1000);

connect();
