import { expect, test } from "vitest";
import * as z from "zod";
import type { Core } from "../../../src/core/core.ts";
import { defineTool } from "../../../src/core/ports/tool.ts";
import type { AgentSettings } from "../../../src/core/ports/settings.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import type { SendRequest } from "../../../src/protocol/run.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { nextEvent, openBench, transcript } from "../bench.ts";
import { shell } from "../permission/shellTool.ts";
import { spawner } from "../permission/spawnerTool.ts";
import { jobByHand, user } from "./jobsBench.ts";
import { line } from "./rehearsalBench.ts";

const granted: Rule = { allow: "exec", command: "npm test" };
const other: Rule = { allow: "exec", command: "npm run lint" };

function pausing() {
  const meanwhile = { done: async () => {} };
  const pause = defineTool({
    name: "pause",
    description: "Lets somebody do something.",
    input: z.object({}),
    effect: "read",
    run: async () => (await meanwhile.done(), { text: "gone on" }),
  });
  return { meanwhile, pause };
}

/** What the second of two same commands of a job comes to when somebody does this between them. */
async function afterwards(
  act: (core: Core, id: string) => Promise<unknown>,
  { grants = [granted], settings = {} }: { grants?: Rule[]; settings?: Partial<AgentSettings> } = {},
): Promise<string> {
  const { meanwhile, pause } = pausing();
  const { core, events } = await openBench({
    settings,
    tools: [shell, pause],
    turns: [[line("npm test", "a")], [call("pause", {}, "b")], [line("npm test", "c")], ["done"]],
  });
  const job = await core.jobs.add(jobByHand({ grants }), user);
  meanwhile.done = async () => void (await act(core, job.id));
  const done = nextEvent(core, "run.finished");
  const { sessionKey } = await core.jobs.run(job.id);
  await done;
  const [first, , second] = transcript(events, sessionKey).filter((text) => text.includes(" message tool:"));
  expect(first).toContain("ran npm test");
  return second!;
}

const update = (patch: Parameters<Core["jobs"]["update"]>[1]) => (core: Core, id: string) =>
  core.jobs.update(id, patch, user);

test.each([
  ["its job is removed", (core: Core, id: string) => core.jobs.remove(id), "the job was removed"],
  ["they are taken from the job", update({ grants: [] }), "they were changed after this run began"],
  ["the job is given none", update({ grants: null }), "they were changed after this run began"],
  ["it is another one", update({ grants: [other] }), "they were changed after this run began"],
  [
    "something is denied beside it",
    update({ grants: [granted, { deny: "exec", command: "npm *" }] }),
    "they were changed after this run began",
  ],
])("a grant ends for a run under way when %s", async (_, act, why) => {
  expect(await afterwards(act)).toContain(`Its grants do not hold any more: ${why}. Nothing was done.`);
});

test.each([
  ["more is granted", update({ grants: [other, granted] })],
  ["the job is turned off", update({ enabled: false })],
])("a grant still holds for a run under way when %s", async (_, act) => {
  expect(await afterwards(act)).toContain("ran npm test");
});

test("what a mode lets run connects by no grant that was taken away, and runs on where its grants name no host", async () => {
  const auto = { settings: { approvals: "auto" } as const };
  const network: Rule = { allow: "network", host: "registry.example" };
  const ended = "Its grants do not hold any more: they were changed after this run began. Nothing was done.";
  for (const grants of [[network], [{ ...granted, host: "registry.example" }]]) {
    expect(await afterwards(update({ grants: [] }), { ...auto, grants })).toContain(ended);
    expect(await afterwards(update({ grants: [other, ...grants] }), { ...auto, grants })).toContain("ran npm test");
  }
  expect(await afterwards(update({ grants: [] }), { ...auto, grants: [other] })).toContain("ran npm test");
});

/** What the second of two same commands comes to when the configuration changes between them: of the run, or of its sub-agent. */
async function reconfigured({ before, after, request, spawns }: Reconfiguration, given?: Rule[]): Promise<string> {
  const { meanwhile, pause } = pausing();
  const work = [[line("npm test", "a")], [call("pause", {}, "b")], [line("npm test", "c")], ["done"]];
  const { core, events, settings } = await openBench({
    tools: [shell, pause, spawner],
    settings: { ownToken: "default", ...before },
    turns: spawns ? [[call("spawner", given ? { grants: given } : {}, "s")], ...work, ["all done"]] : work,
  });
  meanwhile.done = async () => void Object.assign(settings, after);
  const run = await core.sessions.send({ text: "go", attended: false, ...request });
  await run.outcome;
  const results = events.flatMap((event) =>
    event.type === "message" && event.message.role === "tool" && event.message.name === shell.name
      ? [event.message.text]
      : [],
  );
  expect(results[0]).toContain("ran npm test");
  return results[1]!;
}

interface Reconfiguration {
  before: Partial<AgentSettings>;
  after: Partial<AgentSettings>;
  request: Pick<SendRequest, "origin" | "grants">;
  spawns: boolean;
}

type Sent = Reconfiguration["request"];
const webhook: Sent = { origin: { via: "webhook", id: "ci" }, grants: [granted] };
const chat: Sent = { origin: { via: "telegram", id: "7" }, grants: [granted] };
const token: Sent = { origin: { via: "api", id: "ci" } };
const tokens = (grants?: Rule[]) => ({ tokens: { ci: { scope: "write" as const, ...(grants ? { grants } : {}) } } });
const denied: Rule = { deny: "exec", command: "npm *" };

test.each([
  ["a webhook's", { webhooks: { ci: [granted] } }, { webhooks: { ci: [] } }, webhook],
  ["a webhook's that is gone", { webhooks: { ci: [granted] } }, { webhooks: {} }, webhook],
  ["a webhook's that denies", { webhooks: { ci: [granted] } }, { webhooks: { ci: [granted, denied] } }, webhook],
  ["a chat's", { chats: { telegram: [[other], [granted]] } }, { chats: { telegram: [[other], []] } }, chat],
  ["a channel's that is gone", { chats: { telegram: [[granted]] } }, { chats: {} }, chat],
  ["a token's", tokens([granted]), tokens([other]), token],
  ["a token's that has none", tokens([granted]), tokens(), token],
  ["a token's that is gone", tokens([granted]), { tokens: {} }, token],
  ["a token's that is gone, with a message's own", tokens([granted]), { tokens: {} }, { ...token, grants: [granted] }],
])(
  "a grant of openclaw.yml, %s, ends for runs under way and for whom they work with",
  async (_, before, after, request) => {
    const ended = "changed in openclaw.yml after this run began. Nothing was done.";
    const own = await reconfigured({ before, after, request, spawns: false });
    expect(own).toMatch(request.origin.via === "api" ? /Nobody is there to be asked/ : ended);
    for (const given of [undefined, [granted]])
      expect(await reconfigured({ before, after, request, spawns: true }, given)).toContain(ended);
  },
);

test.each([
  ["a webhook's", { webhooks: { ci: [granted] } }, { webhooks: { ci: [other, granted] } }, webhook],
  ["a chat's", { chats: { telegram: [[granted]] } }, { chats: { telegram: [[other], [granted, other]] } }, chat],
  ["a token's", tokens([granted]), tokens([granted, other]), token],
  ["another webhook's", { webhooks: { ci: [granted], b: [granted] } }, { webhooks: { ci: [granted] } }, webhook],
])("a grant of openclaw.yml, %s, holds on where it is still there", async (_, before, after, request) => {
  for (const spawns of [false, true])
    expect(await reconfigured({ before, after, request, spawns })).toContain("ran npm test");
});

test("a grant that somebody who may answer approvals gave with a message holds whatever the token has", async () => {
  const admin = { tokens: { ci: { scope: "admin" as const, grants: [] } } };
  const request = { ...token, grants: [granted] };
  for (const spawns of [false, true])
    expect(await reconfigured({ before: admin, after: admin, request, spawns })).toContain("ran npm test");
});
