import * as fc from "../property.ts";
import { expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import { fromErrorBody, isAppError } from "../../src/base/appError.ts";
import { connectWire } from "../../src/client/connectWire.ts";
import { formatProblem } from "../../src/config/configProblem.ts";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { createClient } from "../../src/protocol/client.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { cron } from "../../src/tools/cronTool.ts";
import { openGatewayBench, TOKEN } from "./bench.ts";

// PINCER_RUNS=1000 looks harder.
const numRuns = Number(process.env["PINCER_RUNS"] ?? 60);

const good = {
  name: "Morning",
  schedule: { kind: "every", everyMs: 60_000 },
  payload: { kind: "agentTurn", message: "What is new?" },
  sessionTarget: "isolated",
  enabled: false,
};

type Door = (job: unknown) => Promise<string>;

/** Each way in that takes a job, answering "taken" or what is wrong: "schedule.everyMs: Expected ...". */
async function openDoors(): Promise<Record<"rest" | "ws" | "tool" | "file", Door>> {
  const bench = await openGatewayBench({ tools: [cron], settings: { approvals: "auto" } });
  const client = createClient<Routes>(await connectWire({ url: bench.gateway.url, token: TOKEN }, { via: "panel" }), {
    toError: fromErrorBody,
  });
  onTestFinished(() => client.close());
  const bare = (words: string) => words.replace(/^job\./, "");
  return {
    async rest(job) {
      const { status, body } = await bench.post("/api/cron/add", { job });
      if (status !== 200) return bare(body.error.message);
      await bench.post("/api/cron/remove", { id: body.job.id });
      return "taken";
    },
    async ws(job) {
      try {
        const added = await client.call("cron.add", { job: job as typeof good & { schedule: never; payload: never } });
        await client.call("cron.remove", { id: added.job.id });
        return "taken";
      } catch (error) {
        if (!isAppError(error)) throw error;
        return bare(error.message);
      }
    },
    async tool(job) {
      const { text, isError } = await bench.core.tools.invoke({
        sessionKey: "main",
        name: "cron",
        input: { action: "add", job },
        origin: { via: "api" },
        signal: new AbortController().signal,
      });
      if (isError) return text;
      await bench.core.jobs.remove(JSON.parse(text).job.id);
      return "taken";
    },
    async file(job) {
      const { problems } = loadConfig(stringify({ cron: [job] }), "openclaw.yml", { env: {} });
      const [first] = problems;
      return first ? `${first.key.replace("cron[0].", "")}: ${first.message}` : "taken";
    },
  };
}

const LIMITS: [wrong: object, words: string][] = [
  [{ schedule: { kind: "every", everyMs: 9e15 } }, "schedule.everyMs: Expected at most 3153600000000"],
  [{ schedule: { kind: "every", everyMs: 999 } }, "schedule.everyMs: Expected at least 1000"],
  [{ schedule: { kind: "every", everyMs: 1500.5 } }, "schedule.everyMs: Expected a whole number"],
  [
    { schedule: { kind: "every", everyMs: 60_000, anchorMs: 9e15 } },
    "schedule.anchorMs: Expected at most 3153600000000",
  ],
  [{ jitterSeconds: 1e9 }, "jitterSeconds: Expected at most 86400"],
  [{ jitterSeconds: -1 }, "jitterSeconds: Expected at least 0"],
  [{ timeoutSeconds: 1e12 }, "timeoutSeconds: Expected at most 2592000"],
  [{ timeoutSeconds: 0 }, "timeoutSeconds: Expected more than 0"],
  [{ misfire: { policy: "once", maxAgeSeconds: 1e300 } }, "misfire.maxAgeSeconds: Expected at most 3153600000"],
  [{ name: "x".repeat(201) }, "name: Expected at most 200 characters"],
  [{ name: "  " }, "name: Expected some text, but it is blank"],
  [{ payload: { kind: "agentTurn", message: " " } }, "payload.message: Expected some text, but it is blank"],
  [{ model: "" }, "model: Expected some text, but it is blank"],
  [{ workspace: "" }, "workspace: Expected some text, but it is blank"],
  [
    { schedule: { kind: "at", at: "tomorrow" } },
    'schedule.at: "tomorrow" is not a time in ISO 8601, as in 2026-12-24T18:00:00Z',
  ],
  [
    { schedule: { kind: "at", at: "2026-12-24" } },
    'schedule.at: "2026-12-24" is not a time in ISO 8601, as in 2026-12-24T18:00:00Z',
  ],
  [
    { schedule: { kind: "cron", expr: "61 * * * *" } },
    'schedule.expr: "61 * * * *" is not a cron expression: 61 is no minute',
  ],
  [{ schedule: { kind: "cron", expr: "0 0 L-30 2 *" } }, 'schedule.expr: "0 0 L-30 2 *" never fires'],
  [
    { schedule: { kind: "cron", expr: "0 9 * * *", tz: "Europe/Berln" } },
    'schedule.tz: "Europe/Berln" is not a time zone; did you mean "Europe/Berlin"?',
  ],
  [
    { schedule: { kind: "cron", expr: "0 9 * * *", tz: "Mars/Olympus" } },
    'schedule.tz: "Mars/Olympus" is not a time zone, as Europe/Berlin is',
  ],
  [{ delivery: { mode: "webhook" } }, "delivery.url: A webhook needs its url"],
  [
    { delivery: { mode: "webhook", url: "file:///etc/passwd" } },
    "delivery.url: Expected an address that starts with http:// or https://",
  ],
  [
    { delivery: { mode: "announce", channel: "pager" } },
    'delivery.channel: "pager" is not set up; without it, results go to the editor',
  ],
  [
    { payload: { kind: "heartbeat" }, sessionTarget: "main" },
    'sessionTarget: A heartbeat runs in a session of its own: its sessionTarget is "isolated"',
  ],
];

test("what is beyond a job's limits is refused at every door, in the same words", async () => {
  const doors = await openDoors();
  for (const [wrong, words] of LIMITS) {
    const job = { ...good, ...wrong };
    const said = Object.fromEntries(
      await Promise.all(Object.entries(doors).map(async ([name, door]) => [name, await door(job)] as const)),
    );
    expect(said, JSON.stringify(wrong)).toEqual({ rest: words, ws: words, tool: words, file: words });
  }
});

test("openclaw.yml says where", () => {
  const text =
    "cron:\n  - name: a\n    schedule: { kind: every, everyMs: 9000000000000000 }\n    payload: { kind: agentTurn, message: hi }\n    sessionTarget: main\n    jitterSeconds: 1000000000\n    timeoutSeconds: 1000000000000\n";
  expect(loadConfig(text, "openclaw.yml", { env: {} }).problems.map(formatProblem)).toEqual([
    "openclaw.yml:3:30: error: cron[0].schedule.everyMs: Expected at most 3153600000000",
    "openclaw.yml:6:5: error: cron[0].jitterSeconds: Expected at most 86400",
    "openclaw.yml:7:5: error: cron[0].timeoutSeconds: Expected at most 2592000",
  ]);
});

const number = fc.oneof(
  fc.constantFrom(
    0,
    -1,
    0.5,
    1,
    999,
    1000,
    86_400,
    86_401,
    2_592_000,
    2_592_001,
    3.1536e12,
    3.1536e12 + 1,
    9e15,
    1e300,
  ),
  fc.integer({ min: -10, max: 10_000_000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const text = fc.constantFrom("", " ", "x", "x".repeat(200), "x".repeat(201), "main", "isolated", "editor", "once");
const odd = fc.oneof(number, text, fc.constantFrom(null, true, [], {}));
const sometimes = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: value as fc.Arbitrary<unknown> }, odd);
const record = (fields: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []) =>
  fc.record(fields, { requiredKeys });

const schedule = fc.oneof(
  record({ kind: fc.constant("every"), everyMs: number, anchorMs: number }, ["kind", "everyMs"]),
  record(
    {
      kind: fc.constant("cron"),
      expr: fc.constantFrom("0 9 * * *", "*/5 * * * * *", "@daily", "61 * * * *", "0 0 31 2 *", "0 0 L-30 2 *", "x"),
      tz: fc.constantFrom("Europe/Berlin", "UTC", "europe/berlin", "+02:00", "Mars/Base", ""),
    },
    ["kind", "expr"],
  ),
  record(
    {
      kind: fc.constant("at"),
      at: fc.constantFrom(
        "2099-12-24T18:00:00Z",
        "2099-12-24T18:00",
        "2099-12-24T18:00:00.5+02:00",
        "2099-12-24",
        "2099-02-30T00:00:00Z",
        "2099-12-24T25:00:00Z",
        "9999-12-31T23:59:59Z",
      ),
    },
    ["kind", "at"],
  ),
);

const anyJob = record(
  {
    name: sometimes(fc.constantFrom("a", "x".repeat(200))),
    schedule: sometimes(schedule),
    payload: sometimes(
      fc.oneof(
        record({ kind: fc.constant("agentTurn"), message: text }, ["kind"]),
        record({ kind: fc.constant("systemEvent"), text }, ["kind"]),
        record({ kind: fc.constant("heartbeat"), instructions: text }, ["kind"]),
      ),
    ),
    sessionTarget: fc.constantFrom("main", "isolated", ""),
    enabled: fc.constant(false),
    misfire: sometimes(
      fc.oneof(
        fc.constantFrom("once", "skip", "twice"),
        record({ policy: fc.constantFrom("once", "skip"), maxAgeSeconds: number }, ["policy"]),
      ),
    ),
    timeoutSeconds: number,
    budgetUsd: number,
    jitterSeconds: number,
    delivery: sometimes(
      record(
        {
          mode: fc.constantFrom("none", "announce", "webhook"),
          channel: text,
          to: text,
          url: fc.constantFrom("https://example.com/x", "http://localhost:1", "ftp://x", "x", ""),
        },
        ["mode"],
      ),
    ),
    colour: fc.constant("red"),
  },
  ["name", "schedule", "payload", "sessionTarget", "enabled"],
);

test("what one door takes, the others take", { timeout: 120_000 }, async () => {
  const doors = await openDoors();
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        { weight: 1, arbitrary: anyJob },
        { weight: 4, arbitrary: fc.tuple(anyJob, fc.nat()).map(([job, at]) => ({ ...good, ...pick(job, at) })) },
      ),
      async (job) => {
        const said = await Promise.all(Object.values(doors).map((door) => door(job)));
        const verdicts = said.map((words) => words === "taken");
        if (verdicts[0]) taken += 1;
        expect(new Set(verdicts).size, JSON.stringify({ job, said })).toBe(1);
      },
    ),
    { numRuns },
  );
  expect(taken).toBeGreaterThan(numRuns / 20);
});

/** One of its fields, so that what is right there does not hide behind a fault elsewhere. */
function pick(job: object, at: number): object {
  const fields = Object.entries(job);
  return Object.fromEntries([fields[at % fields.length]!]);
}
