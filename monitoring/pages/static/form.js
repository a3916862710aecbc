// The test-record form: publishes a record and shows its result.

import { byId, config, createElement } from "./dom.js";
import { formatNumber, formatShare } from "./format.js";

const form = byId("record-form");
const output = byId("result");

function showError(message) {
  output.replaceChildren(createElement("p", { class: "error" }, message));
}

// Marks the invalid fields and returns the first one.
function firstInvalidField() {
  let first;
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.checkValidity()) field.removeAttribute("aria-invalid");
    else {
      field.setAttribute("aria-invalid", "true");
      first ??= field;
    }
  }
  return first;
}

function readValues() {
  const fields = [...form.elements].filter((field) => field.name && field.value !== "");
  return Object.fromEntries(fields.map((field) => [field.name, field.type === "number" ? field.valueAsNumber : field.value]));
}

// A class with its probability, or a number with its interval.
function formatPrediction({ prediction, probability, interval }) {
  if (!config.numeric) return `${config.class_labels[prediction] ?? prediction}, ${formatShare(probability)}`;
  const number = `${formatNumber(prediction)} ${config.unit}`.trim();
  return interval ? `${number}, ${formatNumber(interval[0])} to ${formatNumber(interval[1])}` : number;
}

function showResult(result) {
  const duration = `${formatNumber(1000 * result.seconds)} ms`;
  const { prediction } = result;
  if (!prediction) {
    showError(`The record became a dead letter after ${duration}: ${result.detail}`);
    return;
  }
  const latency = formatNumber(Math.max(0, prediction.scored_at - prediction.event_time));
  output.replaceChildren(
    createElement("p", { class: "prediction" },
      createElement("b", {}, formatPrediction(prediction)),
      createElement("span", {}, `received after ${duration}`)),
    createElement("ol", { class: "steps" },
      createElement("li", {}, `published to partition ${result.partition}, offset ${result.offset}`),
      createElement("li", {}, `scored by version ${prediction.model_version}, ${latency} ms after its event time`),
      createElement("li", {}, `received after ${duration}`)),
    createElement("details", {},
      createElement("summary", {}, "Record and prediction"),
      createElement("pre", {}, result.value),
      createElement("pre", {}, JSON.stringify(prediction, null, 1))),
  );
}

async function publish(event) {
  event.preventDefault();
  const field = firstInvalidField();
  if (field) {
    showError(`${field.name}: ${field.validationMessage}`);
    field.focus();
    return;
  }
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/records", { method: "POST", headers, body: JSON.stringify(readValues()) });
    const body = await response.json();
    if (response.ok) showResult(body);
    else showError(body.error);
  } catch (fault) {
    showError(`Monitoring does not respond (${fault.message}): check that it is running, and try again.`);
  } finally {
    button.disabled = false;
  }
}

form?.addEventListener("submit", publish);
