import { expect, test } from "vitest";
import { bench, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

const ask = async (args: string[], route: string, answer: unknown) => {
  bench.gateway.answers[route] = { json: answer };
  const { code, stdout, stderr } = await pincer(args, bench.env);
  expect([code, stderr]).toEqual([0, ""]);
  const { method, path, body } = bench.gateway.seen.at(-1)!;
  return { asked: `${method} ${path}`, body, stdout };
};

test("a message steers the run of a session", async () => {
  const answer = { status: "accepted", runId: "run_3", sessionKey: "s_2", reply: null };
  expect(await ask(["steer", "s_2", "left"], "POST /api/sessions/steer", answer)).toEqual({
    asked: "POST /api/sessions/steer",
    body: { sessionKey: "s_2", message: "left" },
    stdout: "run_3\n",
  });
});

test("the tree of a session is shown with what each is at, and ended", async () => {
  const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0.001 };
  const createdAt = new Date(Date.now() - 5_400_000).toISOString();
  const look = { key: "s_2", title: "Look", state: "running", depth: 1, run: null, activity: "exec npm test" };
  const run = { outcome: { type: "timed_out" } };
  const leaf = { key: "s_3", title: "Leaf", state: "idle", depth: 2, run, activity: null, detached: true };
  const subagents = [
    { ...look, createdAt, usage, detached: false },
    { ...leaf, createdAt, usage: { ...usage, costUsd: null } },
    { ...leaf, key: "s_4", createdAt, usage: { ...usage, costUsd: null, knownUsd: 0.12 } },
  ];
  const { asked, stdout } = await ask(["subagents"], "GET /api/subagents/list", { subagents });
  expect(asked).toBe("GET /api/subagents/list?sessionKey=main");
  expect(stdout.split("\n")).toEqual([
    "SUB-AGENT          KEY  STATE      TOKENS  COST       SINCE   DOING",
    "Look               s_2  running    15      $0.0010    1h ago  exec npm test",
    ". Leaf (detached)  s_3  timed_out  15      -          1h ago  -",
    ". Leaf (detached)  s_4  timed_out  15      $0.12 + ?  1h ago  -",
    "",
  ]);
  const answer = { sessionKey: "s_2", cancelled: 1 };
  const cancel = ["subagents", "cancel", "s_2", "--no-tree"];
  expect(await ask(cancel, "POST /api/subagents/cancel", answer)).toMatchObject({
    body: { sessionKey: "s_2", tree: false },
    stdout: "1 run is cancelled\n",
  });
});

test("agents are listed, and confirmed with what they are told", async () => {
  const agent = { name: "reviewer", from: "workspace", confirmed: false, description: "Looks", tools: ["read"] };
  const agents = [{ ...agent, path: "/w/reviewer.md", hash: "abc", instructions: "Look." }];
  const { stdout } = await ask(["agents"], "GET /api/agents/list", { agents });
  expect(stdout).toContain("reviewer  workspace  no         -      -       read   Looks");
  bench.gateway.answers["POST /api/agents/confirm"] = { json: { name: "reviewer", confirmed: true } };
  const confirmed = await pincer(["agents", "confirm", "reviewer"], bench.env);
  expect(confirmed).toMatchObject({ code: 0, stdout: "reviewer may be used as it is now\n" });
  expect(confirmed.stderr).toContain("/w/reviewer.md\n\nLook.");
  expect(bench.gateway.seen.at(-1)!.body).toEqual({ name: "reviewer", hash: "abc" });
  expect(await pincer(["agents", "confirm", "nobody"], bench.env)).toMatchObject({ code: 1 });
});

test("a skill is shown, and confirmed with what it says", async () => {
  const skill = { name: "pdf", from: "workspace", confirmed: false, description: "Fills forms", hash: "abc" };
  const given = { ...skill, path: "/w/pdf", text: "Look first.", notes: [] };
  const listed = await ask(["skills"], "GET /api/skills/list", { skills: [{ ...skill, path: "/w/pdf" }] });
  expect(listed.stdout).toContain("pdf   workspace  no         -        Fills forms  /w/pdf");
  const { stdout, asked } = await ask(["skills", "show", "pdf"], "GET /api/skills/get", given);
  expect([asked, stdout]).toEqual(["GET /api/skills/get?name=pdf", "/w/pdf\n\nFills forms\n\nLook first.\n"]);
  bench.gateway.answers["POST /api/skills/confirm"] = { json: { name: "pdf", confirmed: true } };
  const confirmed = await pincer(["skills", "confirm", "pdf"], bench.env);
  expect(confirmed).toMatchObject({ code: 0, stdout: "pdf may be used as it is now\n" });
  expect(confirmed.stderr).toContain("/w/pdf\n\nLook first.");
  expect(bench.gateway.seen.at(-1)!.body).toEqual({ name: "pdf", hash: "abc" });
});

test("a prompt is sent by its name, its words as they were typed", async () => {
  const answer = { status: "ok", reply: "Done" };
  const { body } = await ask(["send", "--prompt", "review", "my path", "to=dev"], "POST /api/sessions/send", answer);
  expect(body).toMatchObject({ prompt: "review", arguments: '"my path" to=dev', sessionKey: "main" });
  expect((await ask(["send", "-p", "plain"], "POST /api/sessions/send", answer)).body).toMatchObject({ arguments: "" });
  const prompt = { name: "review", kind: "prompt", from: "user", inputs: [{ name: "path" }], description: "Looks" };
  const listed = await ask(["prompts", "s_2"], "GET /api/prompts/list", { count: 1, prompts: [prompt] });
  expect(listed.asked).toBe("GET /api/prompts/list?sessionKey=s_2");
  expect(listed.stdout).toContain("review  prompt  user  path       -        Looks");
  expect(await pincer(["send", "two", "words"], bench.env)).toMatchObject({ code: 2 });
});

test("what was written is found, with the place of each message", async () => {
  const session = { key: "s_2", title: "Animals", updatedAt: new Date(Date.now() - 5_400_000).toISOString() };
  const match = {
    seq: 4,
    role: "user",
    createdAt: session.updatedAt,
    snippet: "What does the walrus do?",
    highlights: [],
  };
  const results = [{ session, matchCount: 2, matches: [match] }];
  const answer = { count: 1, results, nextCursor: "c" };
  bench.gateway.answers["GET /api/sessions/search"] = { json: answer };
  const { code, stdout, stderr } = await pincer(["sessions", "search", "walrus", "does it", "-n", "5"], bench.env);
  expect([code, stderr]).toEqual([0, "There are more: ask for more with --limit, or with more words\n"]);
  expect(bench.gateway.seen.at(-1)!.path).toBe("/api/sessions/search?query=walrus+%22does+it%22&limit=5");
  expect(stdout).toBe("s_2  Animals  (2 messages, 1h ago)\n  4 user: What does the walrus do?\n");
});
