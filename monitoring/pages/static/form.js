// One record to the topics, and its answer.

import { byId, element } from "./dom.js";
import { number, share } from "./words.js";

const form = byId("try");
const place = byId("answer");
const answers = JSON.parse(document.body.dataset.told).answers;

function wrong(words) {
  place.replaceChildren(element("p", { class: "wrong" }, words));
}

// The first field that the browser finds wrong; it is marked, and gets the focus.
function invalid() {
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

function record() {
  const filled = [...form.elements].filter((field) => field.name && field.value !== "");
  return Object.fromEntries(filled.map((field) => [field.name, field.type === "number" ? field.valueAsNumber : field.value]));
}

function answered(answer) {
  const ms = `${number(1000 * answer.seconds)} ms`;
  if (!answer.prediction) {
    wrong(`It became a dead letter after ${ms}: ${answer.detail}`);
    return;
  }
  const told = answer.prediction;
  place.replaceChildren(
    element("p", { class: "verdict" },
      element("b", {}, `${answers[told.prediction] ?? told.prediction}, ${share(told.probability)}`),
      element("span", {}, `back after ${ms}`)),
    element("ol", { class: "way" },
      element("li", {}, `partition ${answer.partition}, offset ${answer.offset}`),
      element("li", {}, `scored by version ${told.model_version}, ${number(Math.max(0, told.scored_at - told.event_time))} ms after its event`),
      element("li", {}, `read back after ${ms}`)),
    element("details", {}, element("summary", {}, "record and prediction"), element("pre", {}, answer.value), element("pre", {}, JSON.stringify(told, null, 1))),
  );
}

async function publish(event) {
  event.preventDefault();
  const field = invalid();
  if (field) {
    wrong(`${field.name}: ${field.validationMessage}`);
    field.focus();
    return;
  }
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/records", { method: "POST", headers, body: JSON.stringify(record()) });
    const answer = await response.json();
    if (response.ok) answered(answer);
    else wrong(answer.error);
  } catch (fault) {
    wrong(`The monitoring does not answer (${fault.message}).`);
  } finally {
    button.disabled = false;
  }
}

form?.addEventListener("submit", publish);
