// The latest dead letters. Keys, values and headers are untrusted, and are shown as text.

import { byId, createElement } from "./dom.js";
import { formatCode, formatDateTime } from "./format.js";

const MAX_TIMESTAMP = 253402300800000; // the year 10000, which has no ISO format

const formatTimestamp = (ms) => (ms > 0 && ms < MAX_TIMESTAMP ? `${formatDateTime(ms)} UTC` : "no timestamp");
const createRow = (name, value) => createElement("p", {}, `${name}: `, createElement("code", {}, value ?? "null"));

export function showDeadLetters(deadLetters) {
  byId("no-dead-letters").hidden = deadLetters.length > 0;
  byId("dead-letters").replaceChildren(...deadLetters.map((letter) => createElement(
    "li",
    {},
    createElement("b", {}, formatCode(letter.reason)),
    createElement("time", {}, formatTimestamp(letter.timestamp)),
    createElement("p", {}, letter.detail),
    createElement(
      "details",
      {},
      createElement("summary", {}, `Record: ${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`),
      createElement("pre", {}, letter.value ?? "null"),
      letter.key === null ? null : createRow("key", letter.key),
      ...letter.headers.map(([name, value]) => createRow(`header ${name}`, value)),
    ),
  )));
}
