import { mkdirSync, writeFileSync } from "node:fs";
import { beside } from "./beside.ts";
import { browser } from "./browser.ts";
import { bundles } from "./bundles.ts";
import { toText } from "./chart.ts";
import { editor } from "./editor.ts";
import { exec } from "./exec.ts";
import { flood } from "./flood.ts";
import { growth } from "./growth.ts";
import { headless } from "./headless.ts";
import { load } from "./load.ts";
import { memory } from "./memory.ts";
import { panel } from "./panel.ts";
import { path } from "./path.ts";
import { readers } from "./readers.ts";
import { writeReport } from "./report.ts";
import { sandbox } from "./sandbox.ts";
import { turns } from "./turns.ts";

/** Measures the product as users meet it, one figure a line. `npm run bench [NAME]`; figures also land in out/bench.json. With `--report` docs/performance.md is written anew. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What we aim at, in the same unit. */
  aim?: number;
  /** What it may not pass: the run fails with a sentence. */
  most?: number;
  /** What the parts that no gateway can do without take alone, in the same run. */
  limit?: number;
  /** Where on the curve of this name it lies. */
  x?: number;
}

const suites: Record<string, () => Promise<Figure[]>> = {
  beside,
  browser,
  bundles,
  editor,
  exec,
  flood,
  growth,
  headless,
  load,
  memory,
  panel,
  path,
  readers,
  sandbox,
  turns,
};

const given = process.argv.slice(2);
const isReport = given.includes("--report");
// The page needs the same suites each time, and none that takes minutes.
const wanted = isReport
  ? ["beside", "bundles", "editor", "exec", "growth", "headless", "memory", "panel", "sandbox", "turns"]
  : given;
const figures: Figure[] = [];
for (const [name, suite] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const figure of await suite()) {
    figures.push(figure);
    console.log(`${name.padEnd(10)} ${toLine(figure)}`);
  }
}
const machine = { node: process.version, cpus: navigator.hardwareConcurrency };
mkdirSync("out", { recursive: true });
writeFileSync("out/bench.json", `${JSON.stringify({ ...machine, figures }, null, 2)}\n`);
if (isReport) writeReport(figures, machine);
const passed = figures.flatMap((figure) => toFault(figure) ?? []);
for (const fault of passed) console.error(fault);
if (passed.length > 0) process.exitCode = 1;

function toFault({ name, value, unit, most }: Figure): string | undefined {
  // What could not be measured is no figure within its limit.
  if (most === undefined || value <= most) return undefined;
  return `Failed: ${name}: ${[toText(value), unit].join(" ").trim()}, where ${most} is the most it may be.`;
}

function toLine({ name, x, value, unit, aim, most, limit }: Figure): string {
  const said = x === undefined ? name : `${name}: ${x.toLocaleString("en-US")}`;
  const beside = [
    ...(limit === undefined ? [] : [`limit ${toText(limit)}`]),
    ...(aim === undefined ? [] : [`aim ${aim}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ];
  return `${said.padEnd(60)} ${toText(value).padStart(9)} ${unit.padEnd(6)} ${beside.join("   ")}`.trimEnd();
}
