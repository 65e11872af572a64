import { afterAll, beforeAll, expect, test } from "vitest";
import type { GatewayProcess } from "../bench/gatewayProcess.ts";
import type { Fault } from "../fakes/modelTurn.ts";
import { newSession, openSurvivalBench, type SurvivalBench } from "./bench.ts";

interface Row {
  fault: Fault | ((date: string) => Fault);
  /** How often the fault is met before all is well again; default for ever. */
  times?: number;
  status: number;
  code?: string;
  says?: RegExp;
  /** Seconds that the answer tells to wait, at the least and at the most. */
  retryAfter?: [number, number];
  /** Limit of the run, where only that ends it. */
  limitSeconds?: number;
}

const status = (code: number, headers: Record<string, string> = {}): Fault => ({
  kind: "status",
  status: code,
  headers,
});

/** What the provider does, and what a script is answered. */
const ROWS: Record<string, Row> = {
  "429 once, retry-after in seconds": { fault: status(429, { "retry-after": "1" }), times: 1, status: 200 },
  "429 once, retry-after-ms": { fault: status(429, { "retry-after-ms": "40" }), times: 1, status: 200 },
  "429 once, retry-after as a date": {
    fault: (date) => status(429, { "retry-after": date }),
    times: 1,
    status: 200,
  },
  "429 for ever": {
    fault: status(429, { "retry-after": "1" }),
    status: 429,
    code: "rate_limited",
    retryAfter: [1, 1],
  },
  "429 with an hour to wait": {
    fault: status(429, { "retry-after": "3600" }),
    status: 429,
    code: "rate_limited",
    retryAfter: [3500, 3600],
  },
  "529 once": { fault: status(529), times: 1, status: 200 },
  "529 for ever": { fault: status(529), status: 502, code: "provider_error" },
  "500 twice": { fault: status(500), times: 2, status: 200 },
  "500 for ever": { fault: status(500), status: 502, code: "provider_error" },
  "401": { fault: status(401), status: 502, code: "provider_error", says: /ANTHROPIC_API_KEY/ },
  "400": { fault: status(400), status: 502, code: "provider_error" },
  "silence before the headers": {
    fault: { kind: "stall", at: "headers" },
    status: 504,
    code: "timed_out",
    limitSeconds: 1.5,
  },
  "silence after the headers": {
    fault: { kind: "stall", at: "body" },
    status: 504,
    code: "timed_out",
    limitSeconds: 1.5,
  },
  "silence in the answer": {
    fault: { kind: "stall", at: "stream" },
    status: 504,
    code: "timed_out",
    limitSeconds: 1.5,
  },
  "an empty answer": { fault: { kind: "cut", at: "body" }, status: 502, code: "provider_error" },
  "a cut answer": { fault: { kind: "cut" }, status: 502, code: "provider_error" },
  "bad JSON": { fault: { kind: "badJson" }, status: 502, code: "provider_error" },
  "a reset once": { fault: { kind: "reset", at: "headers" }, times: 1, status: 200 },
  "resets for ever": { fault: { kind: "reset", at: "headers" }, status: 502, code: "provider_error" },
  "a reset in the answer": { fault: { kind: "reset", at: "stream" }, status: 502, code: "provider_error" },
  "a line of 10 MB": { fault: { kind: "hugeLine" }, status: 502, code: "provider_error" },
  "invalid UTF-8": { fault: { kind: "invalidUtf8" }, status: 502, code: "provider_error" },
  "an error in the answer": { fault: { kind: "streamError" }, status: 502, code: "provider_error" },
};

// Nothing else comes to its limit.
const LIMIT_SECONDS = 50;

let bench: SurvivalBench;
let gateway: GatewayProcess;
const met = new Map<string, number>();

beforeAll(async () => {
  bench = await openSurvivalBench({
    script({ text }) {
      const row = ROWS[text];
      const before = met.get(text) ?? 0;
      met.set(text, before + 1);
      if (!row || before >= (row.times ?? Infinity)) return { text: "All is well." };
      const inASecond = new Date(Date.now() + 1000).toUTCString();
      const fault = typeof row.fault === "function" ? row.fault(inASecond) : row.fault;
      return { text: "An answer that nobody will read to its end.", fault };
    },
  });
  gateway = await bench.start();
});
afterAll(() => bench.close());

test.concurrent.for(Object.entries(ROWS))("%s", async ([name, row]) => {
  const limit = row.limitSeconds ?? LIMIT_SECONDS;
  const answer = await gateway.ask("/api/sessions/spawn", { task: name, label: name, runTimeoutSeconds: limit });
  expect(answer.status, JSON.stringify(answer.body)).toBe(row.status);
  const error = answer.body["error"] as { code: string; message: string } | undefined;
  expect(error?.code).toBe(row.code);
  if (row.says) expect(error!.message).toMatch(row.says);
  const retryAfter = answer.headers.get("retry-after");
  if (row.retryAfter) {
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(row.retryAfter[0]);
    expect(Number(retryAfter)).toBeLessThanOrEqual(row.retryAfter[1]);
  }
  // Never asked again once an answer has begun. A limit may pass before the first time, on a machine that is busy enough.
  if (row.fault instanceof Object && "at" in row.fault && row.fault.at === "stream")
    expect(met.get(name) ?? (row.limitSeconds === undefined ? 0 : 1)).toBe(1);

  const { sessions } = (await gateway.call("/api/sessions/list?limit=500")) as {
    sessions: { key: string; title: string | null }[];
  };
  const sessionKey = sessions.find((session) => session.title === name)!.key;
  const after = await gateway.call("/api/sessions/send", { sessionKey, message: "And now?" });
  expect(after).toMatchObject({ status: "ok", reply: "All is well." });
});

test("a wait that ends first is 202, and the session goes on after an abort", async () => {
  const sessionKey = await newSession(gateway);
  const message = "silence before the headers";
  const { status: code } = await gateway.ask("/api/sessions/send", { sessionKey, message, timeoutSeconds: 1 });
  expect(code).toBe(202);
  await gateway.call("/api/sessions/abort", { sessionKey });
  expect(await gateway.call("/api/sessions/send", { sessionKey, message: "And now?" })).toMatchObject({
    reply: "All is well.",
  });
});
