import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drawChart, toText } from "./chart.ts";
import type { Figure } from "./run.ts";

const docs = new URL("../../docs/", import.meta.url);
const charts = new URL("performance/", docs);

/** Writes docs/performance.md and a chart for each curve. Shares of what the machine can do say more than its milliseconds. */
export function writeReport(figures: Figure[], { node, cpus }: { node: string; cpus: number }): void {
  rmSync(charts, { recursive: true, force: true });
  mkdirSync(charts, { recursive: true });
  const single = figures.filter(({ x }) => x === undefined);
  const curves = [
    ...Map.groupBy(
      figures.filter(({ x }) => x !== undefined),
      ({ name }) => name,
    ),
  ];
  const images = curves.map(([name, points]) => {
    const file = `${name.replaceAll(/[^a-z0-9]+/g, "-")}.svg`;
    const curve = { name, unit: points[0]!.unit, points: points.map(({ x, value }) => ({ x: x!, y: value })) };
    writeFileSync(fileURLToPath(new URL(file, charts)), drawChart(curve));
    return `![${name}](performance/${file})`;
  });
  writeFileSync(
    fileURLToPath(new URL("performance.md", docs)),
    toPage(single, images, `${cpus} cores, Node ${node.slice(1)}`),
  );
}

function toPage(figures: Figure[], images: string[], machine: string): string {
  const rows = figures.map(({ name, value, unit, limit, aim }) => {
    const cells = [value, limit, aim].map((one) => (one === undefined ? "" : `${toText(one)} ${unit}`.trim()));
    return `| ${[name, ...cells].join(" | ")} |`;
  });
  return `# How quick it is

Written by \`npm run bench -- --report\`, on a machine of ${machine}, against a model server that answers at once. *Limit* is what the parts
take alone that no gateway can do without, in the same run: plain \`node:http\`, two commits to SQLite, one call of the vendor's SDK
([limitServer.ts](../test/bench/limitServer.ts)). *Own time* is what a turn takes beyond the call of the vendor's SDK, measured in turn.
Milliseconds are the machine's; what stays from one machine to the next is how a figure stands to its limit, and how the curves grow.
What a turn writes and asks is counted by \`test/app/turnCost.test.ts\`, which each run of the tests holds to its numbers.

| What | Now | Limit | Aim |
| --- | --- | --- | --- |
${rows.join("\n")}

## As it grows

${images.join("\n")}
`;
}
