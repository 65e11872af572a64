import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool, type ToolContext } from "../../../src/core/ports/tool.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import { reachOf } from "../../../src/rules/reach.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { nextEvent, openBench } from "../bench.ts";
import { user } from "../jobs/jobsBench.ts";
import { lineAsk } from "./lineAsk.ts";

/** Says where its line could connect to when it ran. */
const exec = defineTool({
  name: "exec",
  description: "Runs a line.",
  input: z.object({ line: z.string(), hosts: z.array(z.string()).default([]) }),
  effect: "exec",
  approval: async ({ line, hosts }) => lineAsk(line, hosts),
  run: async ({ line }, { commands }: ToolContext) => ({
    text: reachOf(line, commands!).allowed.join(" ") || "nowhere",
  }),
});

const network = (host: string): Rule => ({ allow: "network", host });
const line = (text: string, id: string, ...hosts: string[]) => call("exec", { line: text, hosts }, id);

test("under auto a host is asked about, and what a person allows for the session holds for its later commands", async () => {
  const turns = [
    [line("npm ci", "1")],
    [line("npm ci", "2", "a.example")],
    [line("npm test", "3")],
    [line("npm ci", "4", "a.example")],
    ["done"],
  ];
  const bench = await openBench({ tools: [exec], turns, settings: { approvals: "auto" } });
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "go", origin: user, sessionKey: "main" });
  const { approval } = await asked;
  expect(approval.callId).toBe("2");
  await bench.core.approvals.answer(approval.id, "allow_session", "panel", { rule: network("a.example") });
  expect((await run.outcome).type).toBe("done");
  const { messages } = await bench.store.listMessages("main", { limit: 100 });
  const said = messages.flatMap((message) => (message.role === "tool" ? [[message.text, message.allowedBy]] : []));
  expect(said).toEqual([
    ["nowhere", "approvals: auto"],
    ["nowhere", "panel"],
    ["a.example", "approvals: auto"],
    ["a.example", "approvals: auto"],
  ]);
});

test("a run has the hosts of its grants where nobody is there, and no others", async () => {
  const turns = [[line("npm ci", "1", "a.example")], [line("npm ci", "2", "b.example")], ["done"]];
  const settings = { approvals: "ask" as const, rules: [network("c.example")] };
  const bench = await openBench({ tools: [exec], turns, settings });
  const grants: Rule[] = [{ allow: "exec", command: "npm ci" }, network("a.example")];
  const run = await bench.core.sessions.send({ text: "go", origin: user, sessionKey: "main", grants, attended: false });
  await run.outcome;
  const { messages } = await bench.store.listMessages("main", { limit: 100 });
  const said = messages.flatMap((message) => (message.role === "tool" ? [message.text] : []));
  expect(said).toEqual(["c.example a.example", expect.stringMatching(/Nobody is there to be asked/)]);
});
