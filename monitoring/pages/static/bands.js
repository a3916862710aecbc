// Chart.js plugin: the windows of an alert's episode, behind the lines.
/* global Chart */

export function bands() {
  Chart.register({
    id: "bands",
    beforeDatasetsDraw({ ctx, chartArea: area, scales: { x } }, _, { spans, ground, edge, text }) {
      if (!spans?.length) return;
      const half = x.ticks.length && x.max > x.min ? (x.getPixelForValue(x.min + 1) - x.getPixelForValue(x.min)) / 2 : area.width / 2;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left, area.top, area.width, area.height);
      ctx.clip();
      ctx.font = `11px ${Chart.defaults.font.family}`;
      spans.forEach((span, row) => {
        const left = x.getPixelForValue(span.from) - half;
        const right = x.getPixelForValue(span.to) + half;
        ctx.fillStyle = ground;
        ctx.fillRect(left, area.top, right - left, area.height);
        ctx.fillStyle = edge;
        ctx.fillRect(Math.max(left, area.left), area.top, 2, area.height);
        ctx.fillStyle = text;
        ctx.fillText(span.words, Math.max(left, area.left) + 6, area.top + 12 + 13 * (row % 5));
      });
      ctx.restore();
    },
  });
}
