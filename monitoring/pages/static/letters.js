// The latest dead letters: strangers' bytes, shown as text.

import { byId, element } from "./dom.js";
import { date } from "./words.js";

const stamp = (at) => (at > 0 && at < 253402300800000 ? `${date(at)} UTC` : "no time");
const line = (name, value) => element("p", {}, `${name}: `, element("code", {}, value ?? "null"));

export function show(letters) {
  byId("no-letters").hidden = letters.length > 0;
  byId("letters").replaceChildren(...letters.map((each) => element(
    "li",
    {},
    element("b", {}, each.reason.replaceAll("_", " ")),
    element("time", {}, stamp(each.at)),
    element("p", {}, each.detail),
    element(
      "details",
      {},
      element("summary", {}, `the record: ${each.topic}, partition ${each.partition}, offset ${each.offset}`),
      element("pre", {}, each.value ?? "null"),
      each.key === null ? null : line("key", each.key),
      ...each.headers.map(([name, value]) => line(`header ${name}`, value)),
    ),
  )));
}
