import { expect, test } from "vitest";
import { toFailureKind, waitLeft } from "../../webview-ui/transcript/failure.ts";
import { toAge, toClock, toCost, toCount, toDuration, toSessionCost } from "../../webview-ui/parts/format.ts";
import {
  toChildKey,
  toInputText,
  toExitCode,
  toToolSummary,
  toToolWords,
} from "../../webview-ui/transcript/toolSummary.ts";

test("durations, counts and costs read as people say them", () => {
  expect([40, 940, 9_940, 12_400, 59_700, 65_000, 180_000].map(toDuration)).toEqual([
    "0.0 s",
    "0.9 s",
    "9.9 s",
    "12 s",
    "60 s",
    "1 min 5 s",
    "3 min",
  ]);
  expect([0, 812, 1000, 12_449, 999_999, 1_250_000].map(toCount)).toEqual(["0", "812", "1K", "12.4K", "1M", "1.3M"]);
  expect([null, 0, 0.00001, 0.0042, 0.5, 12].map(toCost)).toEqual([
    undefined,
    "$0.00",
    "< $0.0001",
    "$0.0042",
    "$0.50",
    "$12.00",
  ]);
  const none = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null };
  expect([undefined, 0.00001, 0.0042, 12].map((knownUsd) => toSessionCost({ ...none, knownUsd }))).toEqual([
    undefined,
    undefined,
    "≥ $0.0042",
    "≥ $12.00",
  ]);
  expect([272_400, 60_000, 0, -5].map(toClock)).toEqual(["4:33", "1:00", "0:00", "0:00"]);
});

test("failures are told apart, and a countdown ends", () => {
  const kinds = [
    { code: "rate_limited", message: "Anthropic limits the rate of requests: slow down. Try again in 20 s." },
    { code: "provider_error", message: 'Anthropic refused the API key of provider "anthropic" (401: invalid).' },
    { code: "unavailable", message: "No API key is set for OpenAI." },
    { code: "provider_error", message: "Anthropic failed (529: Overloaded)" },
    { code: "provider_error", message: "Anthropic broke off its answer in the middle" },
    {
      code: "provider_error",
      message: "Google cannot be found at https://x: is this machine offline, or behind a proxy?",
    },
    { code: "provider_error", message: "The connection to OpenAI broke off" },
    { code: "budget_exhausted", message: "The budget of $1 is used up" },
    { code: "bad_request", message: "Unknown model x/y" },
    { code: "internal", message: "A bug" },
  ] as const;
  expect(kinds.map(toFailureKind)).toEqual([
    ...["rate", "key", "key", "outage", "outage", "connection", "connection", "budget", "model", "other"],
  ]);
  const finishedAt = "2026-03-02T12:00:00Z";
  const at = Date.parse(finishedAt);
  expect([at, at + 15_000, at + 30_000].map((now) => waitLeft(20_000, finishedAt, now))).toEqual([20_000, 5_000, 0]);
  expect(waitLeft(undefined, finishedAt, at)).toBe(0);
});

test("ages count from now", () => {
  const now = Date.parse("2026-03-02T12:00:00Z");
  const ages = [
    "2026-03-02T11:59:40Z",
    "2026-03-02T11:20:00Z",
    "2026-03-02T09:00:00Z",
    "2026-02-20T12:00:00Z",
    "2026-03-02T12:00:09Z",
  ];
  expect(ages.map((iso) => toAge(iso, now))).toEqual(["now", "40 min", "3 h", "10 d", "now"]);
});

test.each([
  ["exec", { command: "npm test\n  --run", timeoutSeconds: 5 }, "npm test ⏎ --run"],
  ["edit", { oldText: "a", newText: "b", path: "src/a.ts" }, "src/a.ts"],
  ["grep", { path: "src", pattern: "add" }, "add"],
  ["browser", { action: "open", url: "https://example.com" }, "https://example.com"],
  ["sessions_spawn", { task: "Look for it", label: "Search" }, "Search"],
  ["mcp__github__search", { page: 2, q: "bug" }, "bug"],
  ["exec", { command: "echo \u202egnp" }, "echo \\u{202e}gnp"],
  ["list", { path: "." }, "the folder"],
  ["list", { path: "./", depth: 2 }, "the folder"],
  ["list", {}, "the folder"],
  ["list", { path: "./src" }, "./src"],
  ["find", { path: "." }, "."],
  ["todo", { items: [] }, ""],
  ["read", null, ""],
])("%s %j is summed up as %j", (name, input, summary) => {
  expect(toToolSummary(name, input)).toBe(summary);
});

test("a tool's input opens as a command, or as JSON", () => {
  expect(toInputText("exec", { command: "ls\npwd" })).toBe("ls\npwd");
  expect(toInputText("read", { path: "a" })).toBe('{\n  "path": "a"\n}');
});

test("calls are told as people say them", () => {
  expect(toToolWords("exec", "running")).toBe("Running");
  expect(toToolWords("exec", "failed")).toBe("Ran");
  expect(toToolWords("exec", "denied")).toBe("Run");
  expect(toToolWords("grep", "ok")).toBe("Searched for");
  expect(toToolWords("mcp__github__create_issue", "ok")).toBe("github create_issue");
  expect(toToolWords("toString", "ok")).toBe("toString");
});

test("a command's exit code is the one that its result ends with", () => {
  expect(toExitCode("exec", "exit code 3\nfailed\n[exit code 1]")).toBe(1);
  expect(toExitCode("exec", "[exit code 1]\nmore")).toBeUndefined();
  expect(toExitCode("read", "[exit code 1]")).toBeUndefined();
});

test("a list of steps is told by how far it is", () => {
  const items = [{ text: "a", status: "done" }, { text: "b", status: "pending" }, { text: 3 }];
  expect(toToolSummary("todo", { items })).toBe("1 of 2 steps");
  expect(toToolSummary("todo", { items: "none" })).toBe("");
});

test("the session a spawn made is found in what it says", () => {
  expect(toChildKey("sessions_spawn", '{"childSessionKey": "ses_1.a"}')).toBe("ses_1.a");
  expect(toChildKey("sessions_spawn", "nothing yet")).toBeUndefined();
  expect(toChildKey("exec", "childSessionKey=x")).toBeUndefined();
});
