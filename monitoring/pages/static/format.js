// Formats numbers, shares, durations and times. Times are UTC, as in reports and alerts.

const integerFormat = new Intl.NumberFormat("en");
const shortFormat = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const isMissing = (value) => value === null || value === undefined;

export const formatNumber = (value) => {
  if (isMissing(value)) return "–";
  return Math.abs(value) < 1000 ? shortFormat.format(value) : integerFormat.format(Math.round(value));
};

// A label of an axis, which has little room. Text that is not a number is returned unchanged.
export function formatTick(text) {
  const value = Number(text);
  if (text === "" || Number.isNaN(value)) return text;
  return Math.abs(value) >= 10000 ? `${formatNumber(value / 1000)}k` : formatNumber(value);
}

export const formatShare = (value) => (isMissing(value) ? "–" : `${(100 * value).toFixed(1)} %`);
export const formatPercentTick = (value) => `${Math.round(100 * value)} %`;
export const formatSigned = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
export const formatInterval = (interval) =>
  interval ? `${formatShare(interval.value)} (${formatShare(interval.low)} to ${formatShare(interval.high)})` : "–";

export const formatBounds = (interval) =>
  interval ? `${formatNumber(interval.value)} (${formatNumber(interval.low)} to ${formatNumber(interval.high)})` : "–";

// A duration in ms, in the largest unit that divides it.
export function formatDuration(ms) {
  const units = [["h", 3_600_000], ["min", 60_000]];
  const [unit, length] = units.find(([, unitMs]) => ms % unitMs === 0) ?? ["s", 1000];
  return `${formatNumber(ms / length)} ${unit}`;
}

export const formatTime = (ms) => new Date(ms).toISOString().slice(11, 19);
export const formatDateTime = (ms) => new Date(ms).toISOString().slice(0, 19).replace("T", " ");
// A code such as `data_drift`, in words.
export const formatCode = (code) => code.replaceAll("_", " ");
