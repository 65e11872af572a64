import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sizeWords } from "../../src/base/text/sizeWords.ts";
import { writeGatewayFile } from "../../src/config/stateFolder.ts";
import { findSandbox } from "../../src/tools/sandbox/findSandbox.ts";
import { NONCE, openFakeGateway } from "./fakeGateway.ts";
import { pincer } from "./pincer.ts";

let folder: string;
let stateDir: string;
let env: Record<string, string>;
let taken: Server;
let takenPort: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "pincer-doctor-"));
  stateDir = join(folder, "state");
  mkdirSync(stateDir, { mode: 0o700 });
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of ["rg", "chromium"]) writeFileSync(join(bin, name), "", { mode: 0o755 });
  env = { PINCER_HOME: stateDir, PATH: bin, ANTHROPIC_API_KEY: "sk-ant-something" };
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  takenPort = (taken.address() as AddressInfo).port;
});
afterEach(async () => {
  await new Promise((resolve) => taken.close(resolve));
  rmSync(folder, { recursive: true });
});

interface Finding {
  check: string;
  level: string;
  text: string;
  fix?: string;
}

async function look(): Promise<{ code: number | null; findings: Finding[]; faults: string[] }> {
  const { code, stdout } = await pincer(["doctor", "--json"], env);
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return {
    code,
    findings,
    // Whether this machine has a sandbox is its own affair.
    faults: findings
      .filter(({ check, level }) => level !== "ok" && check !== "Sandbox")
      .map(({ check, level }) => `${check} ${level}`),
  };
}

const config = (text: string) => writeFileSync(join(stateDir, "openclaw.yml"), text);

test("an empty store beside a copy of it is told, with what to do", async () => {
  config("gateway: { port: 0 }");
  const copy = join(stateDir, "pincer.db.backup");
  new DatabaseSync(copy).exec("CREATE TABLE t (a)");
  for (const make of [() => {}, () => writeFileSync(join(stateDir, "pincer.db"), "")]) {
    make();
    const { findings, faults } = await look();
    expect(faults).toContain("Store broken");
    const { text, fix } = findings.find(({ check }) => check === "Store")!;
    expect(text).toContain(`is empty or missing, and beside it lies what may be a copy of it: ${copy} (`);
    expect(fix).toContain("stop Pincer, copy it to");
  }
});

test("finds nothing but that no gateway runs", async () => {
  config("gateway: { port: 0 }");
  new DatabaseSync(join(stateDir, "pincer.db")).exec("CREATE TABLE t (a)");
  expect(await look()).toMatchObject({ code: 0, faults: ["Gateway warning"] });
});

test("says whether commands run in a sandbox", async () => {
  config("gateway: { port: 0 }\nagent: { sandbox: off }");
  const { findings } = await look();
  expect(findings.find(({ check }) => check === "Sandbox")).toMatchObject({
    level: "warning",
    fix: 'Set it to "auto"',
  });
  config("gateway: { port: 0 }\nagent: { sandbox: required }");
  const required = (await look()).findings.find(({ check }) => check === "Sandbox")!;
  const { sandbox } = await findSandbox();
  expect(required).toMatchObject(
    sandbox ? { level: "ok", text: `Commands run in ${sandbox.kind}` } : { level: "broken" },
  );
});

test("the size of a store has what waits in its log, as the gateway says it", async () => {
  config("gateway: { port: 0 }");
  const path = join(stateDir, "pincer.db");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)");
  database.exec("INSERT INTO t VALUES (zeroblob(3000000))");
  const size = sizeWords(statSync(path).size + statSync(`${path}-wal`).size);
  const { findings } = await look();
  database.close();
  expect(findings.find(({ check }) => check === "Store")?.text).toContain(`is whole (${size}, `);
});

test("prints what is wrong, and under it what to do", async () => {
  config(`gateway: { port: ${takenPort} }`);
  const { code, stdout, stderr } = await pincer(["doctor"], env);
  expect(code).toBe(1);
  expect(stderr).toBe("pincer: One thing is broken\n");
  expect(stdout).toContain(
    `Port           BROKEN   127.0.0.1:${takenPort} cannot be listened on (EADDRINUSE)\n` +
      "                        Set gateway.port to a free port, or stop the program that has this one\n",
  );
});

test.each<[string, () => void, string]>([
  ["a faulty configuration", () => config("gateway: { prot: 1 }"), "Configuration broken"],
  ["a short token", () => config("gateway: { port: 0, token: k3Jx9Qm2 }"), "Token warning"],
  [
    "a token of the state folder that is too weak for an open address",
    () => {
      config("gateway: { port: 0, host: 0.0.0.0, tls: selfSigned }");
      writeFileSync(join(stateDir, "token"), "k3Jx9Qm2mJ4kPzRq8sVw2xYb6n", { mode: 0o600 });
    },
    "Token broken",
  ],
  [
    "the other half of a port that is taken",
    () => config(`gateway: { port: ${takenPort}, host: "[::1]" }`),
    "Port broken",
  ],
  [
    "secrets that others can read",
    () => writeFileSync(join(stateDir, "secrets.json"), "{}", { mode: 0o644 }),
    "State folder broken",
  ],
  ["a folder in a file's place", () => mkdirSync(join(stateDir, "gateway.json")), "State folder broken"],
  [
    "a state folder that cannot be made",
    () => (env["PINCER_HOME"] = join(folder, "bin/rg/state")),
    "State folder broken",
  ],
  ["a file that leads nowhere", () => symlinkSync("/away", join(stateDir, "confirmed.json")), "State folder broken"],
  [
    "a search engine without a key",
    () => config("gateway: { port: 0 }\nsearch: { backend: brave }"),
    "Web search broken",
  ],
  [
    "a search engine that is not there",
    () => config('gateway: { port: 0 }\nsearch: { backend: searxng, baseUrl: "http://127.0.0.1:9" }'),
    "Web search broken",
  ],
  ["an rg that fails", () => writeFileSync(join(folder, "bin", "rg"), "#!/bin/sh\nexit 127\n"), "Search warning"],
  ["a folder that others can look into", () => chmodSync(stateDir, 0o755), "State folder warning"],
  ["a store that is none", () => writeFileSync(join(stateDir, "pincer.db"), "x".repeat(5000)), "Store broken"],
  [
    "a damaged store that was set aside",
    () => {
      new DatabaseSync(join(stateDir, "pincer.db")).exec("CREATE TABLE t (a)");
      writeFileSync(join(stateDir, "pincer.db.damaged-2026-11-22T00-00-00-000Z"), "x".repeat(5000));
    },
    "Store warning",
  ],
  ["no key", () => (env["ANTHROPIC_API_KEY"] = ""), "Models warning"],
  ["a key that another one hides", () => config("providers: { anthropic: { apiKey: sk-other } }"), "Models warning"],
  ["no programs", () => (env["PATH"] = ""), "Search warning"],
  ["a browser that is not there", () => config("browser: { executablePath: /nowhere/chrome }"), "Browser broken"],
])("sees %s", async (_name, damage, expected) => {
  damage();
  const { code, findings, faults } = await look();
  expect(faults).toContain(expected);
  expect(code).toBe(findings.some(({ level }) => level === "broken") ? 1 : 0);
  const found = findings.find(({ check, level }) => `${check} ${level}` === expected);
  expect(found?.fix).toBeTruthy();
});

test("asks the gateway that runs, and says when it does not answer", async () => {
  const gateway = await openFakeGateway();
  gateway.answers["GET /api/gateway/status"] = { json: { version: "1.2.3", url: gateway.url, pid: process.pid } };
  gateway.answers["GET /api/models/list"] = {
    json: {
      models: [
        { provider: "google", ready: true },
        { provider: "offline", ready: true },
      ],
      default: null,
    },
  };
  gateway.answers["GET /api/models/providers"] = {
    json: { count: 1, providers: [{ id: "google", key: { from: "environment", name: "GEMINI_API_KEY" } }] },
  };
  const file = { url: gateway.url, pid: process.pid, started: "", token: "t", version: "1.2.3" };
  await writeGatewayFile(stateDir, { ...file, nonce: NONCE });
  const { faults, findings } = await look();
  expect(faults).toEqual([]);
  expect(findings.find(({ check }) => check === "Models")?.text).toBe("ready: google (key: GEMINI_API_KEY)");
  const problem =
    "A run has a budget of $1, to which local/m cannot be held: its price is not known. Set it under prices";
  gateway.answers["GET /api/session/status"] = { json: { budgetProblem: problem } };
  expect((await look()).findings.filter(({ check, level }) => check === "Models" && level === "broken")).toEqual([
    { check: "Models", level: "broken", text: problem.split(". ")[0], fix: "Set it under prices" },
  ]);
  gateway.answers["GET /api/usage/cost"] = { json: { budgets: [{ note: "No model a/b is listed" }, {}] } };
  const jobs = [
    { id: "j1", name: "Tidy", enabled: true, notes: ["No file fits"], grantsVoid: ["x.mjs"] },
    { id: "j2", name: "Off", enabled: false, grantsVoid: ["x.mjs"] },
  ];
  gateway.answers["GET /api/cron/list"] = { json: { count: 2, jobs } };
  expect(
    (await look()).findings.filter(({ level }) => level === "warning").map(({ check, text }) => [check, text]),
  ).toEqual(
    expect.arrayContaining([
      ["Models", "No model a/b is listed"],
      ["Jobs", "Tidy: No file fits"],
      ["Jobs", "Tidy: its grants are void since x.mjs changed"],
    ]),
  );
  // Without a nonce its token is sent to nobody.
  await writeGatewayFile(stateDir, file);
  gateway.seen.length = 0;
  expect((await look()).faults).toContain("Gateway broken");
  expect(gateway.seen).toEqual([]);
  await writeGatewayFile(stateDir, { ...file, nonce: NONCE });
  await gateway.close();
  expect((await look()).faults).toEqual(["Gateway broken"]);
});
