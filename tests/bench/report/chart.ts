import type { BenchResults } from "./tables.ts";

interface Bar {
  label: string;
  /** ours is so many times as good; below 1 the peer is better */
  ratio: number;
}

const [width, rowHeight, labelWidth] = [860, 26, 430];
/** Bars end here on both sides: a thousand times better is not shown longer than this. */
const ratioMost = 1000;

/** Ours beside each peer as ratios on a logarithmic scale: to the right we are better, to the left worse. */
export function chartOf(results: BenchResults): string {
  const bars = barsOf(results);
  const height = 60 + bars.length * rowHeight;
  const middle = labelWidth + (width - labelWidth) / 2;
  const perDecade = (width - labelWidth - 80) / 2 / Math.log10(ratioMost);
  const rows = bars.map(({ label, ratio }, at) => {
    const y = 44 + at * rowHeight;
    const bounded = Math.min(ratioMost, Math.max(1 / ratioMost, ratio));
    const length = Math.log10(bounded) * perDecade;
    const [x, colour] = length >= 0 ? [middle, "#2b7a5b"] : [middle + length, "#b4532a"];
    const textX = length >= 0 ? middle + length + 4 : middle + length - 4;
    const anchor = length >= 0 ? "start" : "end";
    return [
      `<text x="${labelWidth - 8}" y="${y + 15}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${x}" y="${y + 3}" width="${Math.abs(length)}" height="16" fill="${colour}"/>`,
      `<text x="${textX}" y="${y + 15}" text-anchor="${anchor}">${ratioText(ratio)}</text>`,
    ].join("");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="8" y="20" font-size="14">Ours against each peer, ${results.date}: right of the line we are better</text>
<line x1="${middle}" y1="34" x2="${middle}" y2="${height - 8}" stroke="#888"/>
${rows.join("\n")}
</svg>
`;
}

function barsOf({ saturated, steady, stored, refill }: BenchResults): Bar[] {
  const [ours, ...peers] = saturated;
  const [calm, ...calmPeers] = steady;
  const bars: Bar[] = [];
  if (ours)
    for (const peer of peers.filter(({ clients }) => clients === "frames"))
      bars.push({ label: `updates/s: ${peer.system}`, ratio: ours.perSecond / peer.perSecond });
  if (calm)
    for (const peer of calmPeers)
      bars.push({
        label: `p99 until another sees it, 400/s: ${peer.system}`,
        ratio: peer.propagationMs.p99 / calm.propagationMs.p99,
      });
  for (const our of stored.filter(({ system }) => system === stored[0]?.system))
    for (const peer of stored.filter((row) => row !== our && row.operations === our.operations)) {
      const of = `of ${our.operations}: ${peer.system}`;
      bars.push({ label: `first client ${of}`, ratio: peer.firstSeconds / our.firstSeconds });
      bars.push({ label: `second client ${of}`, ratio: peer.secondSeconds / our.secondSeconds });
      bars.push({ label: `server memory ${of}`, ratio: peer.rssMb / our.rssMb });
      bars.push({
        label: `written for one more ${of}`,
        ratio: peer.bytesPerOperation / our.bytesPerOperation,
      });
    }
  const [back, ...others] = refill;
  if (back)
    for (const peer of others)
      bars.push({
        label: `refill of ${back.operations}: ${peer.system}`,
        ratio: peer.refillSeconds / back.refillSeconds,
      });
  return bars;
}

const ratioText = (ratio: number): string =>
  ratio >= 1 ? `${ratio.toPrecision(2)} ×` : `1/${(1 / ratio).toPrecision(2)}`;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
