// Alerts and lifecycle events of models, newest first.

import { byId, config, createElement, createLink } from "./dom.js";
import { formatCode, formatDateTime } from "./format.js";

const MAX_ENTRIES = 60;

// Colour by the status of an alert or the kind of a lifecycle event.
const TONES = {
  firing: "drift",
  resolved: "good",
  training_failed: "drift",
  version_rejected: "drift",
  challenger_rejected: "drift",
  rolled_back: "drift",
  version_registered: "live",
  challenger_set: "live",
  promoted: "live",
  confirmed: "good",
};

let alertEntries = [];
let lifecycleEntries = [];

export function showAlerts(alerts) {
  alertEntries = alerts.map((alert) => ({
    time: alert.window_start,
    tone: TONES[alert.status],
    title: `${formatCode(alert.kind)}, ${alert.status}`,
    message: alert.message,
    links: alert.report_path ? [createLink(alert.report_path, "Evidently report")] : [],
  }));
  render();
}

export function showLifecycle(events) {
  lifecycleEntries = events.map((event) => ({
    time: event.occurred_at,
    tone: TONES[event.kind],
    title: [formatCode(event.kind), event.model_version && `version ${event.model_version}`].filter(Boolean).join(", "),
    message: event.message,
    links: [
      event.model_version && config.has_mlflow
        && createLink(`/models/${encodeURIComponent(event.model_version)}`, "MLflow run"),
      event.flow_run_id && config.prefect_url
        && createLink(`${config.prefect_url}/runs/flow-run/${encodeURIComponent(event.flow_run_id)}`, "Prefect run"),
    ].filter(Boolean),
  }));
  render();
}

function render() {
  const entries = [...alertEntries, ...lifecycleEntries]
    .sort((left, right) => right.time - left.time)
    .slice(0, MAX_ENTRIES);
  byId("no-timeline").hidden = entries.length > 0;
  byId("timeline").replaceChildren(...entries.map((entry) => createElement(
    "li",
    { "data-tone": entry.tone },
    createElement("b", {}, entry.title),
    createElement("time", { datetime: new Date(entry.time).toISOString() }, `${formatDateTime(entry.time)} UTC`),
    createElement("p", {}, entry.message),
    ...entry.links.map((link) => createElement("p", {}, link)),
  )));
}
