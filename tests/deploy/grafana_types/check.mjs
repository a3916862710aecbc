// check.mjs DASHBOARDS TYPES > FILE writes a TypeScript module. Each dashboard, and the options of each
// panel, is a literal of Grafana's own type, so that `tsc` reports unknown fields and values. TYPES is
// the folder of @grafana/schema.
import { existsSync, readdirSync, readFileSync } from "node:fs";

const [dashboards, types] = process.argv.slice(2);
const PANELS = { heatmap: "Heatmap", stat: "Stat", "state-timeline": "StateTimeline", timeseries: "TimeSeries" };

/** Where the types of a kind are: the folder moved between Grafana 11 and 12. */
function module(kind, name) {
  const newer = `${types}/dist/types/raw/${kind}/types.gen`;
  return existsSync(`${newer}.d.ts`) ? newer : `${types}/dist/esm/raw/${kind}/${name}_types.gen`;
}

/** Without the fields that the types leave out: a data source's own, and one that is always written. */
function typedPart(page) {
  for (const query of page.annotations.list) {
    for (const name of ["expr"]) delete query[name];
  }
  for (const variable of page.templating.list) {
    for (const name of ["auto", "auto_min", "auto_count"]) delete variable[name];
  }
  return page;
}

const literal = (name, type, value) => `export const ${name}: Wire<${type}> = ${JSON.stringify(value)};`;

const lines = [
  `import type * as dashboard from "${module("dashboard/x", "dashboard")}";`,
  ...Object.entries(PANELS).map(([kind, name]) => {
    const id = kind.replace("-", "");
    return `import type * as ${id} from "${module(`composable/${id}/panelcfg/x`, `${name}PanelCfg`)}";`;
  }),
  // JSON has the values of enums, not their names
  "type Wire<T> = T extends string ? `${T}` : T extends (infer U)[] ? Wire<U>[]",
  "  : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;",
];
for (const file of readdirSync(dashboards)) {
  const page = typedPart(JSON.parse(readFileSync(`${dashboards}/${file}`, "utf-8")));
  const name = file.replace(".json", "");
  lines.push(literal(name, "dashboard.Dashboard", page));
  page.panels.filter((panel) => panel.type !== "row").forEach((panel, number) => {
    const kind = panel.type.replace("-", "");
    lines.push(literal(`${name}_${number}_options`, `${kind}.Options`, panel.options));
    const custom = panel.fieldConfig?.defaults?.custom;
    if (custom) lines.push(literal(`${name}_${number}_custom`, `${kind}.FieldConfig`, custom));
  });
}
console.log(lines.join("\n"));
