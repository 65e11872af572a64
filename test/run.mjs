// oxlint-disable-next-line import/no-unassigned-import -- it ends an older Node.js, before what that could not run
import "./steps/oldNode.mjs";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { ensureBubblewrap } from "./steps/bubblewrap.mjs";
import { checkoutFault } from "./steps/checkout.mjs";
import { ensureChromium } from "./steps/chromium.mjs";
import { installPackages } from "./steps/packages.mjs";
import { node } from "./steps/node.mjs";
import { endWithMe, must, root, run, runTool, showTool, toolsFirst } from "./steps/process.mjs";
import { packageExtension } from "./steps/package.mjs";
import { runPlan } from "./steps/plan.mjs";
import { ensureRipgrep } from "./steps/ripgrep.mjs";
import { temporaryFault } from "./steps/temporaryFolder.mjs";
import { ensureWine } from "./steps/wine.mjs";
import { ensureRuntime } from "./vscode/runtime.mjs";

// npm test [-- STEP... NAME...]: all steps, or those named and what they need; any other word picks test files.
// npm test -- watch [NAME...]: the fast test files that a change concerns, again at each change.
// Works on a fresh clone with nothing but Node 20.11 and npm.

const isServed = process.platform !== "win32";
const NO_SERVER = "not run: the VS Code that is served to a browser is none for Windows";

const steps = [
  { name: "format", run: () => check("oxfmt", ["-c", ".oxfmtrc.json", "--check", "."]) },
  { name: "lint", run: () => check("oxlint", ["-c", ".oxlintrc.json", "--type-aware"]) },
  { name: "types", run: () => check("tsc", ["-p", "tsconfig.json"]) },
  { name: "types-web", run: () => check("tsc", ["-p", "webview-ui/tsconfig.json"]) },
  { name: "unused", run: () => check("knip", ["--no-progress", "--no-config-hints"]) },
  // `npm start`, which a test runs, finds it done: to build under the others' feet is luck.
  { name: "build", run: () => counted(run(node(), ["test/start/build.ts"])) },
  { name: "chromium", cores: 0, run: () => ready(ensureChromium()) },
  // One after the other: apt does one thing at a time.
  { name: "bubblewrap", cores: 0, needs: ["chromium"], run: () => ready(ensureBubblewrap()) },
  { name: "ripgrep", cores: 0, needs: ["bubblewrap"], run: () => ready(ensureRipgrep()) },
  { name: "vscode", cores: 0, run: () => ready(isServed ? ensureRuntime() : NO_SERVER) },
  // After it: both load much from the registry.
  { name: "vscode-old", cores: 0, needs: ["vscode"], run: () => ready(isServed ? ensureRuntime("oldest") : NO_SERVER) },
  { name: "fast", cores: 2, run: () => runVitest("fast") },
  { name: "slow", cores: 2, needs: ["build", "ripgrep"], run: () => runVitest("slow") },
  // What of Windows can be tried elsewhere, where there is wine.
  { name: "windows", cores: 1, needs: ["build"], run: runWindows },
  { name: "package", needs: ["build"], run: () => ready(packageExtension({ built: true })) },
  {
    name: "ui",
    // It waits more than it works: what takes one core goes beside it.
    cores: 1,
    needs: ["package", "vscode", "chromium"],
    run: () => (isServed ? runVitest("ui") : ready(NO_SERVER)),
  },
  {
    name: "host",
    cores: 1,
    needs: ["build", "vscode", "chromium"],
    run: () => (isServed ? runHost() : ready(NO_SERVER)),
  },
  { name: "gateways", cores: 1, needs: ["build", "bubblewrap"], run: () => runVitest("gateways") },
  { name: "joined", cores: 1, needs: ["build"], run: () => runVitest("joined") },
  { name: "commands", cores: 1, needs: ["build", "ripgrep"], run: () => runVitest("commands") },
  // Last: whichever core is free first takes it.
  {
    name: "oldest",
    cores: 1,
    needs: ["package", "vscode-old", "chromium"],
    run: () => (isServed ? runVitest("oldest") : ready(NO_SERVER)),
  },
];

const words = process.argv.slice(2);
const someFiles = { name: "files", cores: 2, needs: ["build", "ripgrep"], run: () => runVitest("unit") };

/** The parts of what runs in plain Node. */
const unit = ["fast", "slow", "joined", "commands", "gateways"];
const isNamed = ({ name }) => words.includes(name) || (unit.includes(name) && words.includes("unit"));
const named = steps.filter(isNamed).map(({ name }) => name);
const files = words.filter((word) => !named.includes(word) && word !== "unit" && word !== "watch");

endWithMe();
try {
  const fault = temporaryFault() ?? checkoutFault();
  if (fault) throw new Error(fault);
  await installPackages();
  process.env.PATH = toolsFirst();
  mkdirSync(path.join(root, "out"), { recursive: true });
  if (words.includes("watch")) {
    process.exitCode = await showTool("vitest", [
      "watch",
      "--config=test/vitest.config.ts",
      "--project=fast",
      ...files,
    ]);
  } else {
    const { passed, failed } = await runPlan(chosen());
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  }
} catch (error) {
  console.error(error.message);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}

function chosen() {
  if (words.length === 0) return steps;
  // Files may be of any part.
  const some = files.length > 0 && !named.some((name) => ["ui", "oldest"].includes(name));
  const names = new Set(some ? [...named.filter((name) => !unit.includes(name)), someFiles.name] : named);
  // A Set takes in what is added while it is walked: the needs of needs come too.
  const all = [...steps, someFiles];
  for (const name of names) for (const need of all.find((step) => step.name === name)?.needs ?? []) names.add(need);
  return all.filter(({ name }) => names.has(name));
}

function check(tool, args) {
  return counted(runTool(tool, args));
}

/** A command counts as one test. */
async function counted(result) {
  const { code, output } = await result;
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output };
}

/** A preparation counts as no test, unless it fails. */
async function ready(preparation) {
  return { passed: 0, failed: 0, note: await preparation };
}

async function runWindows() {
  const { note, env } = await ensureWine();
  if (!env) return { passed: 0, failed: 0, note };
  Object.assign(process.env, env);
  return await runVitest("windows");
}

async function runVitest(project) {
  const report = path.join(root, `out/${project}.json`);
  rmSync(report, { force: true });
  const { code, output } = await runTool("vitest", [
    "run",
    "--config=test/vitest.config.ts",
    `--project=${project}`,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    "--no-color",
    ...files,
  ]);
  return { ...summary(report, code), output };
}

/** The tests inside the extension host: bundled, as the editor loads them, and started as every VS Code extension does. */
async function runHost() {
  const report = path.join(root, "out/host.json");
  rmSync(report, { force: true });
  await must(node(), ["test/vscode/host/bundle.mjs"]);
  const { code, output } = await run(node(), ["test/vscode/host/start.mjs"]);
  return { ...summary(report, code), output };
}

/** Counts from a test runner's report; a runner that failed without a failed test counts as one. */
function summary(report, code) {
  let counts = { numPassedTests: 0, numFailedTests: 0 };
  try {
    counts = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    // No report: the exit code below says that it failed.
  }
  const { numPassedTests: passed, numFailedTests: failed } = counts;
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
}
