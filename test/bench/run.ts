import { mkdirSync, writeFileSync } from "node:fs";
import { browser } from "./browser.ts";
import { bundles } from "./bundles.ts";
import { flood } from "./flood.ts";
import { headless } from "./headless.ts";
import { path } from "./path.ts";
import { readers } from "./readers.ts";
import { sandbox } from "./sandbox.ts";
import { turns } from "./turns.ts";

/** Measures the product as users meet it, one figure a line. `npm run bench [NAME]`; figures also land in out/bench.json. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What we aim at, in the same unit. */
  aim?: number;
}

const suites: Record<string, () => Promise<Figure[]>> = {
  browser,
  bundles,
  flood,
  headless,
  path,
  readers,
  sandbox,
  turns,
};

const wanted = process.argv.slice(2);
const figures: Figure[] = [];
for (const [name, suite] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const figure of await suite()) {
    figures.push(figure);
    const aim = figure.aim === undefined ? "" : `   aim ${figure.aim}`;
    console.log(
      `${name.padEnd(10)} ${figure.name.padEnd(52)} ${figure.value.toFixed(figure.value < 10 ? 2 : 0).padStart(9)} ${figure.unit}${aim}`,
    );
  }
}
mkdirSync("out", { recursive: true });
writeFileSync(
  "out/bench.json",
  `${JSON.stringify({ node: process.version, cpus: navigator.hardwareConcurrency, figures }, null, 2)}\n`,
);
