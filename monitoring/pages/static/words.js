// Figures and times as people read them.

const whole = new Intl.NumberFormat("en");
const brief = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

export const number = (value) =>
  value === null || value === undefined ? "–" : Math.abs(value) < 1000 ? brief.format(value) : whole.format(Math.round(value));
// As an axis has room for; a text that is no number stays as it is.
export function numberLike(text) {
  const value = Number(text);
  if (text === "" || Number.isNaN(value)) return text;
  return Math.abs(value) >= 10000 ? `${number(value / 1000)}k` : number(value);
}
export const share = (value) =>
  value === null || value === undefined ? "–" : `${(100 * value).toFixed(1)} %`;
export const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
export const interval = (value) =>
  value ? `${share(value.value)} (${share(value.low)} to ${share(value.high)})` : "–";

// A length of time, ms, in its largest unit that divides it.
export function span(ms) {
  const [unit, length] = [["h", 3_600_000], ["min", 60_000]].find(([, each]) => ms % each === 0) ?? ["s", 1000];
  return `${number(ms / length)} ${unit}`;
}

// UTC throughout, as in reports and alerts.
export const clock = (ms) => new Date(ms).toISOString().slice(11, 19);
export const date = (ms) => new Date(ms).toISOString().slice(0, 19).replace("T", " ");
