// Chart.js plugin: the windows of an alert's episode, behind the lines.
/* global Chart */

export function bands() {
  Chart.register({
    id: "bands",
    beforeDatasetsDraw({ ctx, chartArea: area, scales: { x } }, _, { spans, ground, edge, text }) {
      if (!spans?.length) return;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left, area.top, area.width, area.height);
      ctx.clip();
      ctx.font = `11px ${Chart.defaults.font.family}`;
      const edges = spans.map((span) => [x.getPixelForValue(span.from), x.getPixelForValue(span.to)]);
      ctx.fillStyle = ground;
      ctx.beginPath(); // one path: where episodes overlap, the ground is no darker
      for (const [left, right] of edges) ctx.rect(left, area.top, right - left, area.height);
      ctx.fill();
      spans.forEach((span, row) => {
        const left = Math.max(edges[row][0], area.left);
        ctx.fillStyle = edge;
        ctx.fillRect(left, area.top, 2, area.height);
        ctx.fillStyle = text;
        const room = area.right - left > ctx.measureText(span.words).width + 8;
        ctx.textAlign = room ? "left" : "right";
        ctx.fillText(span.words, left + (room ? 6 : -5), area.top + 12 + 13 * (row % 5));
      });
      ctx.restore();
    },
  });
}
