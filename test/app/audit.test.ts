import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type AuditLog, openAuditLog } from "../../src/app/audit/auditLog.ts";
import { startAudit } from "../../src/app/audit/startAudit.ts";
import { verifyAudit } from "../../src/app/audit/verifyAudit.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { createRedactor } from "../../src/base/redact.ts";
import type { AuditEntry } from "../../src/protocol/audit.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import type { Hooks } from "../../src/core/ports/outside/hooks.ts";
import { nextEvent } from "../core/bench.ts";
import { openGatewayBench, TOKEN } from "../gateway/bench.ts";
import { pincer } from "../cli/pincer.ts";
import { expectMode, posixTest } from "../posix.ts";

function scratch(): string {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-audit-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

const open = (stateDir: string, more = {}): Promise<AuditLog> =>
  openAuditLog({ stateDir, clock: systemClock, log: silentLog, ...more });
const entry = (what: string): AuditEntry => ({ kind: "call", who: { via: "api", id: "ci" }, what, outcome: "ok" });
const file = (stateDir: string) => join(stateDir, "audit", "audit.jsonl");
const lines = (stateDir: string) => readFileSync(file(stateDir), "utf8").trimEnd().split("\n");
const rewrite = (stateDir: string, next: string[]) => writeFileSync(file(stateDir), `${next.join("\n")}\n`);

async function written(count: number): Promise<string> {
  const stateDir = scratch();
  const log = await open(stateDir);
  for (let index = 1; index <= count; index++) log.append(entry(`call ${index}`));
  await log.close();
  return stateDir;
}

test("lines are written in order, private, and chained", async () => {
  const stateDir = await written(1200);
  expect(lines(stateDir).map((line) => (JSON.parse(line) as { what: string }).what)).toEqual(
    Array.from({ length: 1200 }, (_, index) => `call ${index + 1}`),
  );
  expectMode(file(stateDir), 0o600);
  expect(await verifyAudit(stateDir)).toEqual({ files: 1, lines: 1200, problems: [] });
});

test("what was done to the log is found, with its line", async () => {
  const table: [string, (all: string[]) => string[], number, RegExp][] = [
    ["edited", (all) => all.map((line, at) => (at === 4 ? line.replace("call 5", "call 6") : line)), 5, /edited/],
    ["removed", (all) => all.toSpliced(4, 1), 5, /missing/],
    ["first removed", (all) => all.slice(1), 1, /missing/],
    ["last removed", (all) => all.slice(0, -1), 10, /1 lines are missing at the end/],
    ["swapped", (all) => all.with(4, all[5]!).with(5, all[4]!), 5, /another order/],
    ["doubled", (all) => all.toSpliced(4, 0, all[4]!), 6, /does not follow/],
    ["damaged", (all) => all.with(4, "{}"), 5, /no line of the audit log/],
    ["re-hashed", (all) => all.with(4, all[3]!), 5, /does not follow/],
  ];
  for (const [name, change, line, message] of table) {
    const stateDir = await written(10);
    rewrite(stateDir, change(lines(stateDir)));
    const { problems } = await verifyAudit(stateDir);
    expect(problems[0], name).toEqual({ file: "audit.jsonl", line, message: expect.stringMatching(message) as string });
  }
});

test("it goes on after a restart, after half a line, and never closes over what is missing", async () => {
  const stateDir = await written(3);
  appendFileSync(file(stateDir), '{"seq":4,"at":"20');
  expect(await verifyAudit(stateDir)).toMatchObject({ problems: [], unfinished: true });
  const again = await open(stateDir);
  again.append(entry("after"));
  await again.close();
  expect(await verifyAudit(stateDir)).toEqual({ files: 1, lines: 4, problems: [] });

  rewrite(stateDir, lines(stateDir).slice(0, 2));
  const third = await open(stateDir);
  third.append(entry("later"));
  await third.close();
  expect((await verifyAudit(stateDir)).problems).toMatchObject([
    { line: 3, message: expect.stringMatching(/missing/) },
  ]);
});

test("full files are set aside, the chain goes on across them, and the oldest go", async () => {
  const stateDir = scratch();
  const log = await open(stateDir, { maxBytes: 1000, keepFiles: 3 });
  for (let index = 0; index < 30; index++) {
    log.append(entry(`call ${index}`));
    await log.flush();
  }
  const names = readdirSync(join(stateDir, "audit")).toSorted();
  expect(names.filter((name) => name.startsWith("audit-"))).toHaveLength(3);
  expect(names).toContain("audit.jsonl");
  expect((await verifyAudit(stateDir)).problems).toEqual([]);
  const { records, hasMore } = await log.list({ limit: 10 });
  expect(records.map(({ what }) => what)).toEqual(Array.from({ length: 10 }, (_, index) => `call ${29 - index}`));
  expect(hasMore).toBe(true);
  expect((await log.list({ limit: 1, before: records.at(-1)!.seq })).records[0]?.what).toBe("call 19");
  await log.close();

  const middle = names.filter((name) => name.startsWith("audit-"))[1]!;
  rmSync(join(stateDir, "audit", middle));
  expect((await verifyAudit(stateDir)).problems).toMatchObject([
    { line: 1, message: expect.stringMatching(/missing/) },
  ]);
});

test("a log that cannot be written waits, and loses nothing", async () => {
  const stateDir = scratch();
  const failed = Promise.withResolvers<void>();
  const clock = createFakeClock();
  const log = await open(stateDir, { clock, log: { ...silentLog, error: () => failed.resolve() } });
  const folder = join(stateDir, "audit");
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "");
  log.append(entry("one"));
  const flushed = log.flush();
  await failed.promise;
  rmSync(folder);
  mkdirSync(folder);
  await clock.advance(1000);
  await flushed;
  await log.close();
  expect(lines(stateDir)).toHaveLength(1);
});

posixTest("a log that cannot be written is listed with what waits, as it will be written", async () => {
  const stateDir = await written(3);
  renameSync(file(stateDir), join(stateDir, "audit", "audit-00001.jsonl"));
  symlinkSync(join(stateDir, "away", "audit.jsonl"), file(stateDir));
  const clock = createFakeClock();
  const log = await open(stateDir, { clock });
  log.append(entry("call 4"));
  log.append(entry("call 5"));
  const listed = await log.list({ limit: 3 });
  expect(listed.records.map(({ seq, what }) => `${seq} ${what}`)).toEqual(["5 call 5", "4 call 4", "3 call 3"]);
  expect(listed.hasMore).toBe(true);
  mkdirSync(join(stateDir, "away"));
  await clock.advance(1000);
  await log.close();
  expect(lines(stateDir)).toHaveLength(2);
  expect(await (await open(stateDir)).list({ limit: 3 })).toEqual(listed);
});

test("two processes that write in turn, as at a change of who leads, keep one chain, also over files that are full", async () => {
  for (const more of [{}, { maxBytes: 700 }]) {
    const stateDir = scratch();
    const logs = [await open(stateDir, more), await open(stateDir, more)];
    for (let index = 0; index < 12; index += 1) {
      const log = logs[index % 3 === 0 ? 0 : 1]!;
      log.append(entry(`call ${index}`));
      await log.flush();
    }
    logs.map((log) => log.append(entry("at once")));
    await Promise.all(logs.map((log) => log.flush()));
    for (const log of logs) await log.close();
    expect((await verifyAudit(stateDir)).problems).toEqual([]);
    const { records } = await (await open(stateDir, more)).list({ limit: 20 });
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 14 }, (_, at) => 14 - at));
  }
});

test("calls, tool runs and approvals are recorded without content, and are read over the API", async () => {
  for (const content of [false, true]) {
    const stateDir = scratch();
    const redactor = createRedactor();
    redactor.add(TOKEN);
    const started = await startAudit({
      stateDir,
      clock: systemClock,
      log: silentLog,
      redactor,
      withContent: () => content,
    });
    const { audit, onCall } = started;
    onTestFinished(() => audit.close());
    const secret = `words nobody may read ${TOKEN}`;
    const { core, post, get } = await openGatewayBench({
      turns: [[call("note", { text: secret })], ["done"]],
      gateway: { onCall, audit },
    });
    started.follow(core);
    core.events.on((event) => {
      if (event.type === "approval.asked") void core.approvals.answer(event.approval.id, "allow", "panel");
    });
    await post("/api/sessions/send", { message: secret });
    await post("/api/sessions/rename", { sessionKey: "nowhere", title: "x" });
    await post("/tools/invoke", { tool: "no_such", args: {} });
    await post("/v1/chat/completions", { model: "none" });
    const { status, body } = await get("/api/audit/list?limit=10");
    expect(status).toBe(200);
    expect(body.records).toMatchObject([
      { kind: "call", what: "openai.chat", outcome: "bad_request", status: 400 },
      { kind: "call", what: "tools.invoke no_such", outcome: "failed", status: 404 },
      { kind: "call", what: "sessions.rename", outcome: "not_found", status: 404 },
      { kind: "call", what: "sessions.send", outcome: "ok", status: 200, who: { via: "api", id: "default" } },
      {
        kind: "tool",
        what: "note",
        outcome: "ok",
        allowedBy: "panel",
        who: { via: "api", id: "default" },
        sessionKey: "main",
      },
      { kind: "approval", what: "note", outcome: "allow", who: { via: "panel" } },
    ]);
    const text = lines(stateDir).join("\n");
    expect(text.includes("words nobody may read")).toBe(content);
    expect(text).not.toContain(TOKEN);
    expect((await get("/api/audit/list?kind=tool")).body).toMatchObject({ count: 1, hasMore: false });
    expect((await get(`/api/audit/list?limit=1&before=${body.records[0].seq}`)).body.records[0].what).toMatch(/tools/);
  }
});

test("pincer audit verify says which line is not as it was", async () => {
  const stateDir = await written(5);
  const verify = (...more: string[]) => pincer(["audit", "verify", "--state", stateDir, ...more], {});
  expect(await verify()).toEqual({ code: 0, stdout: "5 lines in 1 file: whole and in order\n", stderr: "" });
  expect(JSON.parse((await verify("--json")).stdout)).toEqual({ ok: true, files: 1, lines: 5, problems: [] });
  rewrite(stateDir, lines(stateDir).toSpliced(2, 1));
  const broken = await verify();
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/^audit\.jsonl:3: .*missing/);
});

test("each call of a hook is recorded, that of a run's end too, and hooks can be asked for alone", async () => {
  const stateDir = scratch();
  const redactor = createRedactor();
  const started = await startAudit({ stateDir, clock: systemClock, log: silentLog, redactor, withContent: () => true });
  onTestFinished(() => started.audit.close());
  const hooks: Hooks = {
    has: (moment) => moment !== "messageReceived",
    call: async ({ moment }) => [
      { moment, hook: moment, outcome: moment === "afterTool" ? "failed" : "ok", durationMs: 7 },
    ],
  };
  const { core, post, get } = await openGatewayBench({
    turns: [[call("add", { a: 1, b: 2 })], ["done"]],
    gateway: { audit: started.audit },
    hooks,
  });
  started.follow(core);
  const ended = nextEvent(core, "hook.ended");
  await post("/api/sessions/send", { message: "go" });
  await ended;
  const { records } = (await get("/api/audit/list?kind=hook")).body;
  expect(records.map((record: Record<string, unknown>) => [record["what"], record["outcome"]])).toEqual([
    ["runFinished", "ok"],
    ["afterTool", "failed"],
    ["beforeTool", "ok"],
  ]);
  expect(records[0]).toMatchObject({ sessionKey: "main", durationMs: 7 });
});
