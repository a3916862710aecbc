// The loop, newest first: alerts, and the steps of the models' lives.

import { byId, element, link } from "./dom.js";
import { date } from "./words.js";

const TONES = { firing: "drift", failed: "drift", refused: "drift", rolled_back: "drift", resolved: "good", confirmed: "good", promoted: "now", challenger: "now", trained: "now" };

export class Timeline {
  constructor(told) {
    this.told = told;
    this.alerts = [];
    this.steps = [];
  }

  takeAlerts(alerts) {
    this.alerts = alerts.latest.map((each) => ({
      at: each.window,
      tone: each.status,
      title: `${each.kind.replaceAll("_", " ")} ${each.status === "firing" ? "began" : "ended"}`,
      words: each.words,
      links: each.report ? [link(each.report, "Evidently's report")] : [],
    }));
    this.show();
  }

  takeSteps(steps) {
    this.steps = steps.map((each) => ({
      at: each.at,
      tone: each.kind,
      title: [each.kind.replaceAll("_", " "), each.model_version && `version ${each.model_version}`].filter(Boolean).join(", "),
      words: each.words,
      links: [
        each.model_version && this.told.mlflow && link(`/models/${encodeURIComponent(each.model_version)}`, "MLflow run"),
        each.run && this.told.prefect && link(`${this.told.prefect}/runs/flow-run/${encodeURIComponent(each.run)}`, "Prefect run"),
      ].filter(Boolean),
    }));
    this.show();
  }

  show() {
    const all = [...this.alerts, ...this.steps].sort((one, other) => other.at - one.at).slice(0, 60);
    byId("no-steps").hidden = all.length > 0;
    byId("timeline").replaceChildren(...all.map((each) => element(
      "li",
      { "data-tone": TONES[each.tone] },
      element("b", {}, each.title),
      element("time", { datetime: new Date(each.at).toISOString() }, `${date(each.at)} UTC`),
      element("p", {}, each.words),
      ...each.links.map((one) => element("p", {}, one)),
    )));
  }
}
