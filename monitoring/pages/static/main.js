// Connects to the server's events and passes each to the module that draws it.

import "./form.js";
import { byId, setText } from "./dom.js";
import { formatCode, formatTime } from "./format.js";
import { showDeadLetters } from "./dead_letters.js";
import { showDistributions } from "./distributions.js";
import { markStale, outageStart, showStream } from "./stream.js";
import { showAlerts, showLifecycle } from "./timeline.js";
import { WindowCharts } from "./windows.js";

const RECONNECT_MS = 5000;
const SILENCE_MS = 6000; // without an event for longer, the figures are no longer current

const windowCharts = new WindowCharts();
const state = byId("state");
let openIncidents = {};
let source;
let outageSince = null;
let lastEventAt = performance.now();

// Screen readers announce the state, so it is set only when it changes.
function setState(kind, text) {
  if (state.dataset.state !== kind) state.dataset.state = kind;
  setText(state, text);
}

function showState() {
  if (outageSince !== null) {
    setState("lost", `no predictions since ${formatTime(outageSince)} UTC`);
    return;
  }
  const kinds = Object.keys(openIncidents).map(formatCode);
  if (kinds.length) setState("drift", `live: ${kinds.join(", ")}`);
  else setState("good", "live: no drift");
}

const handlers = {
  stream(snapshot) {
    lastEventAt = performance.now();
    outageSince = outageStart(snapshot);
    showStream(snapshot);
    showDistributions(snapshot.distributions);
    showState();
  },
  window: (window) => windowCharts.addWindow(window),
  alerts(alerts) {
    openIncidents = alerts.open_incidents;
    windowCharts.setAlerts(alerts);
    showAlerts(alerts.latest);
    showState();
  },
  lifecycle: showLifecycle,
  dead_letters: showDeadLetters,
};

function connect() {
  source = new EventSource("/events");
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
  source.addEventListener("open", () => {
    lastEventAt = performance.now();
    showState();
  });
  source.addEventListener("error", () => {
    setState("lost", "monitoring does not respond, reconnecting");
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, RECONNECT_MS); // after an HTTP error
  });
}

byId("pause").addEventListener("click", ({ currentTarget: button }) => {
  const pause = button.getAttribute("aria-pressed") === "false";
  button.setAttribute("aria-pressed", String(pause));
  if (pause) {
    source.close();
    setState("waiting", "paused");
  } else connect();
});

setInterval(() => {
  if (source.readyState !== EventSource.OPEN || performance.now() - lastEventAt < SILENCE_MS) return;
  setState("lost", "no data from monitoring");
  markStale();
}, 1000);

connect();
