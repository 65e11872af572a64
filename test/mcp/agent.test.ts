import { expect, test } from "vitest";
import { estimateRequest } from "../../src/core/models/estimate.ts";
import type { Rule } from "../../src/protocol/rule.ts";
import * as allTools from "../../src/tools/index.ts";
import { nextEvent, openBench } from "../core/bench.ts";
import { call, type Turn } from "../fakes/scriptedProvider.ts";
import { fake, never, openMcpBench } from "./bench.ts";

const origin = { via: "panel" as const };
const say = async (core: Awaited<ReturnType<typeof openBench>>["core"], text: string) =>
  (await core.sessions.send({ sessionKey: "main", text, origin })).outcome;

test("a call asks whatever the server says of it, and what is allowed holds for the tool as it was then", async () => {
  const readOnly = { annotations: { readOnlyHint: true } };
  const mcp = openMcpBench({ x: fake({ tools: [{ name: "echo", ...readOnly }, { name: "change" }] }) });
  const echo = (): Turn => [call("mcp__x__echo", { a: 1 })];
  const turns: Turn[] = [echo(), ["one"], echo(), ["two"], [call("mcp__x__change", {})], ["three"], echo(), ["four"]];
  const { core } = await openBench({ servers: mcp.servers, turns, settings: { approvals: "auto-safe" } });

  const asked = nextEvent(core, "approval.asked");
  const first = say(core, "go");
  const { approval } = await asked;
  expect(approval.summary).toBe('x: echo {"a":1}');
  expect(approval.reason).toBe("calls a tool of the MCP server x, which says that it changes nothing");
  const offer = approval.offers.find(({ decision }) => decision === "allow_session")!;
  expect(offer.rule).toEqual({
    allow: "mcp",
    server: "x",
    tool: "echo",
    hash: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(offer.words).toBe("call echo of x, as long as it is described as now, in this session");
  await core.approvals.answer(approval.id, "allow_session", "panel");
  expect(await first).toMatchObject({ type: "done", reply: "one" });
  // Covered by what was allowed.
  expect(await say(core, "again")).toMatchObject({ type: "done", reply: "two" });

  const change = nextEvent(core, "approval.asked");
  const third = say(core, "change");
  const changed = new Promise((resolve) =>
    mcp.servers.onDidChange(({ tools }) => tools[0]!.description.includes("evil") && resolve(0)),
  );
  await core.approvals.answer((await change).approval.id, "allow", "panel");
  await third;
  await changed;
  const anew = nextEvent(core, "approval.asked");
  const fourth = say(core, "and again");
  const { approval: second } = await anew;
  expect(second.reason).toContain("has changed since it was last called");
  await core.approvals.answer(second.id, "deny", "panel");
  await fourth;
});

test.each<[string, Rule[], string]>([
  ["a rule for the tool", [{ allow: "mcp", server: "x", tool: "ec*" }], "done"],
  ["a rule for the server", [{ allow: "mcp", server: "x" }], "done"],
  ["a rule for another server", [{ allow: "mcp", server: "y" }], "asked"],
  ["a rule for another tool", [{ allow: "mcp", server: "x", tool: "list_*" }], "asked"],
  ["a rule for what the tool was once", [{ allow: "mcp", server: "x", tool: "echo", hash: "00" }], "asked"],
  [
    "a denial",
    [
      { allow: "mcp", server: "x" },
      { deny: "mcp", server: "x", tool: "echo" },
    ],
    "refused",
  ],
  ["a denial of all", [{ deny: "mcp" }], "refused"],
])("%s", async (_what, rules, expected) => {
  const mcp = openMcpBench({ x: fake() });
  const { core, events } = await openBench({
    servers: mcp.servers,
    turns: [[call("mcp__x__echo", {})], ["end"]],
    settings: { rules },
  });
  const asked = nextEvent(core, "approval.asked").then(async ({ approval }) => {
    await core.approvals.answer(approval.id, "deny", "panel");
    return "asked";
  });
  const outcome = await Promise.race([asked, say(core, "go").then(() => "over")]);
  const [result] = events.flatMap((event) =>
    event.type === "message" && event.message.role === "tool" ? [event.message] : [],
  );
  if (outcome === "asked") return expect(expected).toBe("asked");
  expect(result!.isError ? (result!.notRun ? "refused" : "failed") : "done").toBe(expected);
});

test("with 200 tools of servers the prompt for hi stays under 3,000 tokens; what is searched for can be called from then on", async () => {
  const kinds = ["issue", "branch", "invoice", "customer"];
  const verbs = ["list", "get", "create", "update", "delete", "search", "export", "count", "merge", "close"];
  const many = (server: number) =>
    Array.from({ length: 40 }, (_, at) => ({
      name: `${verbs[at % 10]}_${kinds[Math.floor(at / 10)]}`,
      description: `Does ${verbs[at % 10]} of ${kinds[Math.floor(at / 10)]} on system ${server}. ${"More words about it. ".repeat(20)}`,
      inputSchema: { type: "object", properties: { id: { type: "string", description: "the id of the thing" } } },
    }));
  const mcp = openMcpBench(
    Object.fromEntries([1, 2, 3, 4, 5].map((server) => [`system${server}`, fake({ tools: many(server) })])),
  );
  const turns: Turn[] = [
    ["hello"],
    [call("tool_search", { query: "merge an invoice on system3" })],
    [call("mcp__system3__merge_invoice", { id: "7" }, "c2")],
    ["merged"],
    ["still"],
  ];
  const settings = { rules: [{ allow: "mcp" as const, server: "system3" }] };
  const bench = await openBench({ servers: mcp.servers, tools: Object.values(allTools), turns, settings });
  await say(bench.core, "hi");
  expect(mcp.servers.tools().length).toBe(201);
  const [hi] = bench.model.requests;
  const { inputTokens } = estimateRequest(hi!);
  expect(inputTokens).toBeLessThan(3000);
  const search = hi!.tools.find(({ name }) => name === "tool_search")!;
  expect(search.description).toContain("200 more, of system1 (40), system2 (40)");

  expect(await say(bench.core, "merge invoice 7")).toMatchObject({ reply: "merged" });
  const names = bench.model.requests.map(({ tools }) =>
    tools.map(({ name }) => name).filter((name) => name.startsWith("mcp__")),
  );
  expect(names[1]).toEqual([]);
  expect(names[2]).toContain("mcp__system3__merge_invoice");
  expect(names[2]!.length).toBeLessThanOrEqual(8);
  // After a restart the session's history says what it had found.
  const again = await bench.restart([["still there"]]);
  await say(again.core, "and?");
  expect(again.model.requests[0]!.tools.map(({ name }) => name)).toContain("mcp__system3__merge_invoice");
  // Another session has found nothing.
  const other = await again.core.sessions.send({ text: "hi", origin });
  await other.outcome;
  expect(again.model.requests[1]!.tools.some(({ name }) => name.startsWith("mcp__"))).toBe(false);
});

test("few tools of servers are shown as they are", async () => {
  const mcp = openMcpBench({ x: fake({ tools: [{ name: "echo" }] }) });
  const { core, model } = await openBench({ servers: mcp.servers, turns: [["hello"]] });
  await say(core, "hi");
  expect(model.requests[0]!.tools.map(({ name }) => name)).toEqual(["add", "mcp__x__echo", "mcp_result", "note"]);
});

test("known tools need no running server: it starts with the first call, and ends when nobody calls it", async () => {
  const first = openMcpBench({ x: fake() }, { idleMs: 300 });
  await first.servers.settled(never);
  await first.servers.close();
  const later = first.again();
  await later.servers.settled(never);
  expect(later.servers.list()[0]!.state).toBe("idle");
  expect(later.servers.tools().length).toBeGreaterThan(10);
  const idle = new Promise((resolve) => later.servers.onDidChange(({ state }) => state === "idle" && resolve(0)));
  expect((await later.call("mcp__x__echo", { a: 1 })).text).toContain('{"a":1}');
  expect(later.servers.list()[0]!.state).toBe("ready");
  await idle;
  expect(later.servers.list()[0]).toMatchObject({ state: "idle", pid: null, error: null });
});

test("few tools with much to say are found as well", async () => {
  const tools = Array.from({ length: 4 }, (_, at) => ({
    name: `wordy_${at}`,
    inputSchema: { type: "object", properties: { id: { type: "string", description: "word ".repeat(1500) } } },
  }));
  const mcp = openMcpBench({ x: fake({ tools }) });
  const turns: Turn[] = [["hello"], [call("tool_search", { query: "mcp__x__wordy_2" })], ["found"]];
  const { core, model } = await openBench({ servers: mcp.servers, turns });
  await say(core, "hi");
  expect(model.requests[0]!.tools.map(({ name }) => name)).toEqual(["add", "mcp_result", "note", "tool_search"]);
  await say(core, "look");
  expect(model.requests[2]!.tools.map(({ name }) => name)).toContain("mcp__x__wordy_2");
  const told = model.requests[2]!.messages.at(-1)!.text;
  expect(told).toMatch(
    /^These can be called now:\n<untrusted source="mcp:tools">\nmcp__x__wordy_2: \[of the MCP server x\]/,
  );
});

test("a server is named without what its address or arguments hold in confidence", async () => {
  const { servers } = openMcpBench({
    web: fake({}, { command: undefined, args: [], url: "https://user:pass@mcp.example.org/mcp?key=abc" }),
    own: fake({}, { args: ["run", "--api-key", "abc", "--token=def", "x"] }),
  });
  expect(servers.list().map(({ target }) => target)).toEqual([
    "https://mcp.example.org/mcp?…",
    `${process.execPath} run --api-key … --token=… x`,
  ]);
});
