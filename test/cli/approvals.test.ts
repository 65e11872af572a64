import { expect, test } from "vitest";
import { bench, TOKEN, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

const table: { args: string[]; asks: string; body?: unknown; answer: unknown; prints: string }[] = [
  {
    args: ["approvals"],
    asks: "GET /api/approvals/list",
    answer: {
      approvals: [
        {
          id: "apr_1",
          sessionKey: "main",
          tool: "exec",
          reason: "runs a command",
          expiresAt: new Date(Date.now() + 16_200_000).toISOString(),
          summary: "rm",
          subject: { type: "command", cwd: "/work", command: "npm run 'it''s' x" },
          offers: [
            { decision: "allow", words: "this call only" },
            { decision: "allow_session", rule: { allow: "exec", command: "a" }, words: "run exactly `a`" },
            { decision: "allow_session", rule: { allow: "exec", command: "it's *" }, words: "run `it's …`" },
            { decision: "allow_always", rule: { allow: "exec", command: "a" }, words: "run exactly `a`, always" },
            { decision: "deny", words: "nothing" },
          ],
        },
      ],
    },
    prints: [
      "apr_1  exec in main: runs a command; expires in 4h",
      "    │ /work$ npm run 'it''s' x",
      "    pincer approvals allow apr_1",
      "    pincer approvals allow apr_1 --session",
      "        to run exactly `a`",
      `    pincer approvals allow apr_1 --session --rule '{"allow":"exec","command":"it'\\''s *"}'`,
      "        to run `it's …`",
      "    pincer approvals allow apr_1 --always",
      "        to run exactly `a`, always",
      "    pincer approvals deny apr_1",
      "",
    ].join("\n"),
  },
  {
    args: ["approvals", "allow", "apr_1"],
    asks: "POST /api/approvals/answer",
    body: { id: "apr_1", decision: "allow" },
    answer: {},
    prints: "Allowed\n",
  },
  {
    args: ["approvals", "allow", "apr_1", "--session"],
    asks: "POST /api/approvals/answer",
    body: { id: "apr_1", decision: "allow_session" },
    answer: {},
    prints: "Allowed\n",
  },
  {
    args: ["approvals", "allow", "apr_1", "--always", "--rule", '{"allow":"exec","command":"a"}'],
    asks: "POST /api/approvals/answer",
    body: { id: "apr_1", decision: "allow_always", rule: { allow: "exec", command: "a" } },
    answer: {},
    prints: "Allowed\n",
  },
  {
    args: ["approvals", "allow", "apr_1", "--job"],
    asks: "POST /api/approvals/answer",
    body: { id: "apr_1", decision: "allow_job" },
    answer: {},
    prints: "Allowed\n",
  },
  {
    args: ["approvals", "deny", "apr_1"],
    asks: "POST /api/approvals/answer",
    body: { id: "apr_1", decision: "deny" },
    answer: {},
    prints: "Denied\n",
  },
];

test.each(table)("$args", async ({ args, asks, body, answer, prints }) => {
  bench.gateway.answers[asks] = { json: answer };
  expect(await pincer(args, bench.env)).toEqual({ code: 0, stdout: prints, stderr: "" });
  expect(bench.gateway.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([asks]);
  expect(bench.gateway.seen[0]).toMatchObject({ token: TOKEN, client: "cli" });
  expect(bench.gateway.seen[0]!.body).toEqual(body);
});

test.each([
  [["--session", "--always"], "--session"],
  [["--job", "--always"], "--job"],
])("an answer holds for one thing: %j", async (flags, named) => {
  const { code, stderr } = await pincer(["approvals", "allow", "apr_1", ...flags], bench.env);
  expect([code, stderr]).toEqual([2, expect.stringContaining(named)]);
  expect(bench.gateway.seen).toEqual([]);
});

test("a rule that is no JSON is refused with its text", async () => {
  const { code, stderr } = await pincer(["approvals", "allow", "apr_1", "--session", "--rule", "npm test"], bench.env);
  expect(code).not.toBe(0);
  expect(stderr).toContain("--rule: npm test is not JSON");
  expect(bench.gateway.seen).toEqual([]);
});
