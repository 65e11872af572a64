import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startGateway } from "../bench/gatewayProcess.ts";

// Counted, not timed: what a start loads is the same on every machine.

const dist = fileURLToPath(new URL("../../dist", import.meta.url));
const cli = join(dist, "cli.mjs");

// Notes at the end which of the built files and of Node's own parts were loaded, and how many schemas zod made.
const WITNESS = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from "node:fs";
  import { registerHooks } from "node:module";
  const seen = { files: [], schemas: 0 };
  registerHooks({ load: (url, context, next) => (url.startsWith("node:") || seen.files.push(url.split("/dist/")[1]), next(url, context)) });
  globalThis.__zod_globalConfig = { postProcessor: () => (seen.schemas += 1) };
  process.on("exit", () => writeFileSync(process.env.SEEN, JSON.stringify({ ...seen, parts: process.moduleLoadList })));
`)}`;

interface Seen {
  files: (string | null)[];
  /** As Node.js names them: "NativeModule http". */
  parts: string[];
  schemas: number;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "pincer-built-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const seenIn = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Seen;

test("a command loads its own verb, and neither the others nor the agent", () => {
  const stateDir = folder();
  const seen = join(stateDir, "seen.json");
  const env = { PATH: process.env["PATH"], PINCER_HOME: stateDir, SEEN: seen };
  execFileSync(process.execPath, ["--import", WITNESS, cli, "token", "--help"], { env });
  const { files } = seenIn(seen);
  expect(files.filter((name) => name?.includes("Verb"))).toEqual([expect.stringMatching(/^chunks\/tokenVerb-/)]);
  expect(files).not.toContain("app.mjs");
  expect(files).not.toContain("gateway.mjs");
  // Before what is compiled is kept.
  expect(files.slice(0, 3)).toEqual(["cli.mjs", "keepCompiled.mjs", "verbs.mjs"]);
});

test("a start loads a few files, makes the schemas it asks something of, and loads no document", async () => {
  const stateDir = folder();
  const seen = join(stateDir, "seen.json");
  const gateway = await startGateway({ stateDir, env: { SEEN: seen, NODE_OPTIONS: `--import ${WITNESS}` } });
  await gateway.stop();
  const { files, parts, schemas } = seenIn(seen);
  expect(files).toContain("app.mjs");
  // Each is found, read and linked for itself: they were eighty.
  expect(files.length).toBeLessThanOrEqual(6);
  expect(files.filter((name) => name?.includes("openapi"))).toEqual([]);
  // Whatever names Response or an export of node:http at its top loads all of Node's fetch.
  expect(parts.filter((name) => /undici|http2|webstreams\/readable/.test(name))).toEqual([]);
  // Of the more than five thousand that are declared: openclaw.yml's, nearly all.
  expect(schemas).toBeLessThan(2000);
});

test("the agent's files hold no letter that makes Node.js keep them in two bytes a letter", () => {
  const wide = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter(
    (name) =>
      name.endsWith(".mjs") &&
      !name.includes("node_modules") &&
      /[^\0-\xff]/.test(readFileSync(join(dist, name), "utf8")),
  );
  expect(wide).toEqual([]);
});
