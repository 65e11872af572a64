import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { defineTool } from "../../../src/core/ports/tool.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import { applyPatch } from "../../../src/tools/applyPatchTool.ts";
import { createWebFetch } from "../../../src/tools/web/webFetchTool.ts";
import { write } from "../../../src/tools/writeTool.ts";
import { createNetworkGuard } from "../../../src/net/networkGuard.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { openBench } from "../bench.ts";
import { jobByHand, user } from "../jobs/jobsBench.ts";
import { lineAsk } from "./lineAsk.ts";
import { spawner } from "./spawnerTool.ts";

/** Says that it would run a line, and what that would reach; its own gate refuses what it was not asked about. */
const exec = defineTool({
  name: "exec",
  description: "Runs a line.",
  input: z.object({ line: z.string(), hosts: z.array(z.string()).default([]), reaches: z.string().optional() }),
  effect: "exec",
  approval: async ({ line, hosts }) => lineAsk(line, hosts),
  run: async ({ line, reaches }) => ({
    text: "ran",
    ...(reaches === undefined ? {} : { lacked: `run ${line}, reaching ${reaches}` }),
  }),
});

const issues = defineTool({
  name: "mcp__github__list_issues",
  description: "Lists issues.",
  input: z.object({}),
  effect: "network",
  approval: async () => ({
    summary: "call list_issues of github",
    subject: { type: "other", text: "list_issues" },
    reason: "calls a server",
    safe: false,
    protected: false,
    effects: [{ kind: "call", place: "github/list_issues", before: "now" }],
  }),
  run: async () => ({ text: "none" }),
});

const patch = "*** Begin Patch\n*** Add File: src/b.txt\n+b\n*** Update File: a.txt\n@@\n-a\n+b\n*** End Patch";

async function openLacking(settings: Parameters<typeof openBench>[0] = {}) {
  const folder = mkdtempSync(join(tmpdir(), "pincer-lacked-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "a.txt"), "a\n");
  const fetched = createWebFetch(createNetworkGuard({ resolve: async () => [] }));
  const tools = [exec, issues, fetched, write, applyPatch, spawner];
  return openBench({ folder, tools, files: createDiskFiles(), ...settings });
}

/** What a job with these grants lacked when its model made this call. */
async function lackedBy(
  bench: Awaited<ReturnType<typeof openLacking>>,
  grants: Rule[],
  ...calls: ReturnType<typeof call>[]
) {
  bench.model.turns.push(...calls.map((one) => [one]), ["done"]);
  const job = await bench.core.jobs.add(jobByHand({ grants }), user);
  await bench.core.jobs.run(job.id);
  await expect.poll(async () => (await bench.core.jobs.get(job.id)).lastStatus).toBe("ok");
  return (await bench.core.jobs.firings({ jobId: job.id, limit: 1 }))[0]!.lacked;
}

test.each<[string, ReturnType<typeof call>, string, Rule[]]>([
  ["a command", call("exec", { line: "npm test" }), "run npm test", [{ allow: "exec", command: "npm test" }]],
  [
    "a command that wants all of the network, as one in the background does",
    call("exec", { line: "npm test", hosts: ["*"] }),
    "run npm test: run exactly `npm test`, with all of the network",
    [{ allow: "exec", command: "npm test", host: "*" }],
  ],
  [
    "a command that wants two hosts",
    call("exec", { line: "npm ci", hosts: ["a.example", "b.example:8443"] }),
    "run npm ci: run exactly `npm ci`, reaching a.example; run exactly `npm ci`, reaching b.example:8443",
    [
      { allow: "exec", command: "npm ci", host: "a.example" },
      { allow: "exec", command: "npm ci", host: "b.example:8443" },
    ],
  ],
  [
    "a line of two commands",
    call("exec", { line: "npm run build && npm test" }),
    "run npm run build && npm test: run exactly `npm run build`; run exactly `npm test`",
    [
      { allow: "exec", command: "npm run build" },
      { allow: "exec", command: "npm test" },
    ],
  ],
  [
    "a page",
    call("web_fetch", { url: "https://docs.example.org/a?b" }),
    "GET https://docs.example.org/a?b: fetch pages of docs.example.org",
    [{ allow: "web_fetch", host: "docs.example.org" }],
  ],
  [
    "several files",
    call("apply_patch", { patch }),
    ": change src/b.txt, delete nothing; change a.txt, delete nothing",
    [
      { allow: "edit", path: "src/b.txt" },
      { allow: "edit", path: "a.txt" },
    ],
  ],
  [
    "a tool of a server",
    call("mcp__github__list_issues", {}),
    "call list_issues of github: call list_issues of github, as long as it is described as now",
    [{ allow: "mcp", server: "github", tool: "list_issues", hash: "now" }],
  ],
])("%s: what a firing lacked is all that it needs, and granted is enough", async (_what, made, words, rights) => {
  const bench = await openLacking();
  const lacked = await lackedBy(bench, [], made);
  expect(lacked).toHaveLength(1);
  expect(lacked![0]).toContain(words);
  // None of them alone would have been.
  for (const right of rights.length > 1 ? rights : []) expect(await lackedBy(bench, [right], made)).toEqual(lacked);
  expect(await lackedBy(bench, rights, made)).toBeUndefined();
});

test("the command alone is not enough where it is to reach something, and it is said again what is", async () => {
  const bench = await openLacking();
  const lacked = await lackedBy(
    bench,
    [{ allow: "exec", command: "npm test" }],
    call("exec", { line: "npm test", hosts: ["*"] }),
  );
  expect(lacked).toEqual(["run npm test: run exactly `npm test`, with all of the network"]);
});

test("what no rule allows says why", async () => {
  const bench = await openLacking();
  expect(await lackedBy(bench, [], call("exec", { line: "npm $X" }))).toEqual([
    "run npm $X (No rule says exactly this line: it does more than start programs with plain words.)",
  ]);
  const [secret] = (await lackedBy(bench, [], call("write", { path: ".env", content: "x" })))!;
  expect(secret).toMatch(/\.env.* \(It is about what is protected: only a rule that you write by hand/);
});

test("what a command was refused of the network while it ran is lacked too, and what sub-agents lacked", async () => {
  const bench = await openLacking();
  const grants: Rule[] = [{ allow: "exec", command: "npm ci" }];
  expect(await lackedBy(bench, grants, call("exec", { line: "npm ci", reaches: "a.example" }))).toEqual([
    "run npm ci, reaching a.example",
  ]);
  bench.model.turns.push([call("spawner", {})], [call("exec", { line: "rm x" })], ["sub"], ["done"]);
  const job = await bench.core.jobs.add(jobByHand({ grants }), user);
  await bench.core.jobs.run(job.id);
  await expect.poll(async () => (await bench.core.jobs.get(job.id)).lastStatus).toBe("ok");
  expect((await bench.core.jobs.firings({ jobId: job.id, limit: 1 }))[0]!.lacked).toEqual(["run rm x"]);
});

test("so is what a grant would allow where the gateway denies all else; a person who is there is told nothing of it", async () => {
  const bench = await openLacking({ settings: { approvals: "deny" } });
  expect(await lackedBy(bench, [], call("exec", { line: "npm test" }))).toEqual(["run npm test"]);
  bench.model.turns.push([call("exec", { line: "npm test" })], ["done"]);
  const run = await bench.core.sessions.send({ text: "go", origin: user, sessionKey: "main" });
  await run.outcome;
  expect((await bench.store.getRun(run.id))!.lacked).toBeUndefined();
});
