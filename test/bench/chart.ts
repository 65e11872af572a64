/** One line of a chart, by rising x. */
export interface Curve {
  name: string;
  unit: string;
  points: { x: number; y: number }[];
}

const WIDTH = 460;
const HEIGHT = 200;
const PLOT = { left: 48, right: 440, top: 36, bottom: 164 };
// Seen on white and on black.
const INK = "#7d8590";
const LINE = "#2f81f7";

/** An SVG of a curve: each step of x is as wide as the others, y begins at 0. */
export function drawChart({ name, unit, points }: Curve): string {
  const most = Math.max(...points.map(({ y }) => y), Number.MIN_VALUE);
  const left = (at: number) => PLOT.left + ((PLOT.right - PLOT.left) * at) / Math.max(1, points.length - 1);
  const top = (y: number) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * y) / most;
  const places = points.map(({ x, y }, at) => ({ x, y, cx: round(left(at)), cy: round(top(y)) }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="11" fill="${INK}">`,
    `<title>${name}, in ${unit}</title>`,
    `<text x="8" y="18" font-size="13">${name} (${unit})</text>`,
    `<path d="M${PLOT.left} ${PLOT.bottom}H${PLOT.right}" stroke="${INK}" fill="none"/>`,
    `<path d="M${places.map(({ cx, cy }) => `${cx} ${cy}`).join("L")}" stroke="${LINE}" stroke-width="2" fill="none"/>`,
    ...places.flatMap(({ x, y, cx, cy }) => [
      `<circle cx="${cx}" cy="${cy}" r="3" fill="${LINE}"/>`,
      `<text x="${cx}" y="${cy - 8}" text-anchor="middle">${toText(y)}</text>`,
      `<text x="${cx}" y="${PLOT.bottom + 18}" text-anchor="middle">${x.toLocaleString("en-US")}</text>`,
    ]),
    "</svg>",
    "",
  ].join("\n");
}

/** A figure as people read it: two digits behind the point below ten. */
export function toText(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
