import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { openGatewayBench, TOKEN } from "../../gateway/bench.ts";
import { posixTest } from "../../posix.ts";
import { pincer } from "../pincer.ts";

const CLI = fileURLToPath(new URL("../../../src/cli.ts", import.meta.url));

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "pincer-moving-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function openFilled() {
  const bench = await openGatewayBench({ turns: [["Hello"], ["Again"]] });
  await bench.post("/api/sessions/send", { message: "Hi" });
  await bench.post("/api/sessions/spawn", { task: "Do", label: "Work" });
  await bench.post("/api/cron/add", {
    name: "Nightly",
    schedule: { kind: "every", everyMs: 60_000 },
    payload: { kind: "agentTurn", message: "look" },
    sessionTarget: "isolated",
    grants: [{ allow: "exec", command: "npm test" }],
  });
  const env = { PINCER_URL: bench.gateway.url, PINCER_TOKEN: TOKEN };
  return { ...bench, env };
}

test("what a gateway exports, another state folder takes in without one, once", async () => {
  const { env } = await openFilled();
  const place = folder();
  const file = join(place, "all.jsonl.gz");
  const written = await pincer(["export", "--out", file], env);
  expect(written).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringMatching(/^2 sessions with 4 messages, and 1 jobs, are in /),
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await pincer(["export", "--out", file], env)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is there already"),
  });
  const lines = gunzipSync(readFileSync(file))
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ type }) => type)).toEqual([
    "pincer",
    "session",
    "message",
    "message",
    "session",
    "message",
    "message",
    "job",
    "end",
  ]);
  expect((await pincer(["export", "--out", ""], env)).code).toBe(2);
  const printed = await pincer(["export"], env);
  expect(printed.stdout.trimEnd().split("\n").slice(1)).toEqual(lines.slice(1).map((line) => JSON.stringify(line)));

  const state = join(place, "state");
  const here = { PINCER_HOME: state };
  const dry = await pincer(["import", file, "--dry-run"], here);
  expect(dry.stdout).toContain("Would take 2 new sessions, 4 messages; 0 were here already\n");
  expect(dry.stdout).toMatch(
    /Job Nightly \(job_\w+\): taken, off; not granted \(--with-grants\): allow exec: npm test\nNothing was written\.\n$/,
  );
  expect(dry.stdout).toContain("work in no folder here");
  expect(existsSync(state)).toBe(false);
  const first = await pincer(["import", file, "--keep-folders"], here);
  expect(first.stdout).toContain("Took 2 new sessions, 4 messages; 0 were here already\n");
  expect((await pincer(["import", file], here)).stdout).toContain(
    "Took 0 new sessions, 0 messages; 2 were here already\n",
  );
  const back = await pincer(["export"], here);
  const bare = (text: string) => text.replaceAll(/import-[0-9a-f]{12}-/g, "");
  expect(bare(back.stdout).split("\n").slice(1, 7)).toEqual(printed.stdout.split("\n").slice(1, 7));
  expect(await pincer(["import", file, "--enable"], here)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("by a gateway alone"),
  });
});

describe.each(["all.jsonl", "all.jsonl.gz"])("what cannot be written is told, and leaves nothing: %s", (name) => {
  const openLong = async () => {
    const bench = await openGatewayBench({ turns: [[randomBytes(300_000).toString("base64")]] });
    await bench.post("/api/sessions/send", { message: "Hi" });
    return { PINCER_URL: bench.gateway.url, PINCER_TOKEN: TOKEN };
  };

  test("into a folder that is not there", async () => {
    const file = join(folder(), "none", name);
    expect(await pincer(["export", "-o", file], await openLong())).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining(`${file} cannot be written: ENOENT`),
    });
  });

  posixTest("onto a disk that is full in the middle", async () => {
    const place = folder();
    const script = 'ulimit -f 100; exec "$@"';
    const args = ["-c", script, "sh", process.execPath, CLI, "export", "-o", join(place, name)];
    const child = spawn("sh", args, { env: { PATH: process.env["PATH"], ...(await openLong()) } });
    child.stderr.setEncoding("utf8");
    const [said, [code]] = await Promise.all([child.stderr.toArray(), once(child, "exit")]);
    expect(said.join("")).toContain("cannot be written: EFBIG");
    expect([code, readdirSync(place)]).toEqual([1, []]);
  });
});

test("a gateway takes in over REST what is longer than a call, and needs a token of scope admin", async () => {
  const state = folder();
  const store = await openSqliteStore({ path: join(state, "pincer.db"), clock: systemClock, log: silentLog });
  const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
  const at = "2026-01-01T00:00:00.000Z";
  const long = "ü".repeat(150_000);
  await store.commit({
    sessions: [
      {
        put: {
          key: "s-long",
          kind: "isolated",
          state: "idle",
          usage,
          messageCount: 12,
          contextTokens: 0,
          createdAt: at,
          updatedAt: at,
        },
      },
    ],
    facts: [
      {
        at,
        source: { runId: "run-1", sessionKey: "s-long" },
        facts: Array.from({ length: 12 }, (_, n) => ({
          type: "message" as const,
          message: { role: "user" as const, text: `${n} ${long}`, origin: { via: "api" as const } },
        })),
      },
    ],
  });
  await store.close();
  const file = join(state, "x.jsonl");
  await pincer(["export", "-o", file], { PINCER_HOME: state });
  const { env, get, core } = await openFilled();
  const taken = await pincer(["import", file, "--json"], env);
  expect(JSON.parse(taken.stdout)).toMatchObject({ sessions: { made: 1, messages: 12 }, leftOut: [] });
  const { body } = await get("/api/sessions/history?sessionKey=s-long&limit=20");
  expect(body.messages.map(({ text }: { text: string }) => Number(text.split(" ")[0]))).toEqual([...Array(12).keys()]);
  expect(body.messages[0].createdAt).toBe(at);
  expect((await core.sessions.get("s-long")).messageCount).toBe(12);
  const lesser = await openGatewayBench({ gateway: { tokens: [{ name: "w", value: TOKEN, scope: "write" }] } });
  const refused = await pincer(["import", file], { PINCER_URL: lesser.gateway.url, PINCER_TOKEN: TOKEN });
  expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("needs one that may admin") });
});

const head = '{"type":"pincer","version":1,"by":"t","createdAt":"2026-01-01T00:00:00.000Z"}';
const end = '{"type":"end","sessions":0,"messages":0,"jobs":0}';

test.each<[string, string | Buffer, RegExp]>([
  ["empty", "", /Line 1: The file ends here without its end: it was cut/],
  ["cut", `${head}\n`, /Line 2: The file ends here without its end/],
  ["cut within a line", `${head}\n{"type":"se`, /Line 2: It is not a line of JSON/],
  ["without a head", `${end}\n`, /Line 1: What pincer export writes begins with/],
  ["with two heads", `${head}\n${head}\n${end}\n`, /Line 2: What pincer export writes/],
  ["of a later version", `${head.replace('"version":1', '"version":9')}\n${end}`, /Line 1: It is of version 9/],
  ["with __proto__", `${head}\n\n{"__proto__":{},${end.slice(1)}\n`, /Line 3: It has a field __proto__/],
  [
    "with another sum",
    `${head}\n${end.replace('"jobs":0', '"jobs":2')}`,
    /Line 2: It tells of 0 sessions, 0 messages and 2 jobs/,
  ],
  ["with something behind its end", `${head}\n${end}\n${end}`, /Line 3: It stands behind the end/],
  ["no UTF-8", Buffer.concat([Buffer.from(`${head}\n`), Buffer.from([0xff, 0xfe, 10])]), /Line 2: It is no UTF-8/],
  [
    "a packed file that is cut",
    gzipSync(`${head}\n${end}\n`).subarray(0, 60),
    /The packed file is cut or damaged here/,
  ],
  ["nested deeply", `${head}\n${"[".repeat(5000)}${"]".repeat(5000)}\n`, /Line 2: It is nested more than/],
])(
  "a file that is %s is refused with the number of the line, and nothing of it is taken",
  async (_name, text, fault) => {
    const state = folder();
    const file = join(state, "x.jsonl");
    writeFileSync(file, text);
    const { code, stdout, stderr } = await pincer(["import", file], { PINCER_HOME: join(state, "home") });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(fault);
  },
);

test("a file that is not there, a folder, and an export of no store say so", async () => {
  const state = folder();
  const env = { PINCER_HOME: join(state, "home") };
  expect((await pincer(["import", join(state, "none")], env)).stderr).toContain("there is no such file");
  expect((await pincer(["import", state], env)).code).toBe(1);
  expect((await pincer(["export"], env)).stderr).toContain("There is no store in");
});
