import { listedWorkspace } from "../../../core/sessions/workspaces.ts";
import * as z from "zod";
import { defined } from "../../../base/defined.ts";
import type { Core } from "../../../core/core.ts";
import type { Run } from "../../../core/services/submittedRun.ts";
import type { SendRequest } from "../../../protocol/run.ts";
import { askOnce, cacheShape, refuseCachedStream, toCachedReply } from "../../calls/cachedReply.ts";
import { type Call, defineRoute } from "../../calls/route.ts";
import { runEvents } from "../../calls/runEvents.ts";
import { budgetFields } from "../../../protocol/run.ts";
import { type AgentPart, agentName } from "../../../protocol/context/agentPart.ts";
import { modelId } from "../../../protocol/model.ts";
import { ruleSchema } from "../../../rules/ruleSchema.ts";
import { sessionKey } from "../../../protocol/session.ts";
import { worktreeShape } from "../../../protocol/worktree.ts";
import { outputSchema, toForm } from "../../../protocol/replyForm.ts";
import { acceptedShape, laterReply, outcomeOf, replyShape, toAccepted, toReply } from "../../calls/reply.ts";
import { within } from "../../../base/wait.ts";

const input = z.strictObject({
  task: z.string().regex(/\S/, "Expected some text"),
  model: modelId.optional(),
  runTimeoutSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(300)
    .describe("Limit of the run; passing it cancels the run."),
  label: z.string().min(1).max(200).optional().describe("Title of the new session."),
  parentSessionKey: sessionKey.optional(),
  workspace: z
    .string()
    .min(1)
    .max(4096)
    .nullable()
    .optional()
    .describe("Folder that tools work in; null for none. By default its parent's, or the gateway's first."),
  agent: agentName.optional().describe("The part it has: the name of an agent that a file describes."),
  worktree: z
    .boolean()
    .default(false)
    .describe("It works in a git worktree of its own, of the folder it would have worked in, on a new branch."),
  wait: z.boolean().default(true),
  deliver: z
    .boolean()
    .default(false)
    .describe("Brings the result into the parent session as a message, which a run of it answers."),
  detached: z.boolean().default(false).describe("With `deliver`: goes on when the parent session is stopped."),
  cleanup: z
    .enum(["keep", "delete"])
    .default("keep")
    .describe(
      "What becomes of the new session when the run has ended, and nothing else is left to do in it and below it.",
    ),
  grants: z
    .array(ruleSchema)
    .max(100)
    .optional()
    .describe(
      "What the run may do unasked; of a token whose scope is not admin, no more than the token's own grants allow.",
    ),
  outputSchema: outputSchema.optional(),
  ...budgetFields,
  cache: cacheShape,
});

const toRequest = async (core: Core, given: z.output<typeof input>, call: Call): Promise<SendRequest> => {
  const request = toPlain(given, call);
  return given.agent === undefined ? request : core.agents.as(request, await partOf(core, given));
};

/** Of the folder that the new session works in. */
async function partOf(core: Core, { agent, workspace, parentSessionKey }: z.output<typeof input>): Promise<AgentPart> {
  const parent = parentSessionKey === undefined ? undefined : await core.sessions.get(parentSessionKey);
  const first = parent ? parent.workspace : core.workspaces.list()[0];
  const folder = workspace === undefined ? first : listedWorkspace(workspace, core.workspaces);
  return core.agents.get(agent!, folder ?? undefined);
}

const toPlain = (given: z.output<typeof input>, { origin }: Call): SendRequest => ({
  text: given.task,
  origin,
  parentKey: given.parentSessionKey,
  label: given.label,
  workspace: given.workspace,
  ...(given.worktree ? { worktree: true } : {}),
  model: given.model,
  timeoutMs: given.runTimeoutSeconds * 1000,
  budgetUsd: given.budgetUsd,
  budgetTokens: given.budgetTokens,
  grants: given.grants,
  ...defined({ form: toForm(given.outputSchema) }),
  ...(given.cleanup === "delete" ? { cleanup: true } : {}),
  ...(given.deliver ? { reports: defined({ detached: given.detached || undefined }) } : {}),
});

const child = {
  childSessionKey: z.string(),
  worktree: worktreeShape.optional().describe("Where it works, and in `notes` what of the repository is not there."),
};

const submit = (core: Core, request: SendRequest, call: Call) =>
  core.sessions.send(request, (run) => ({ answers: call.keep(toSpawned(run)) }));

const toChild = ({ sessionKey, worktree }: Pick<Run, "sessionKey" | "worktree">) => ({
  childSessionKey: sessionKey,
  ...defined({ worktree }),
});

const toSpawned = (run: Pick<Run, "id" | "sessionKey" | "worktree">) => ({ ...toAccepted(run), ...toChild(run) });

export const sessionsSpawn = defineRoute({
  name: "sessions.spawn",
  verb: "POST",
  scope: "write",
  summary:
    "Runs a task in a new isolated session and waits for its reply; `sessionKey` and `childSessionKey` are both the new session's.",
  input,
  output: z.discriminatedUnion("status", [replyShape.extend(child), acceptedShape.extend(child)]),
  status: (output) => (output.status === "accepted" ? 202 : 200),
  async handle(core, input, call) {
    const startedAt = core.clock.now();
    const request = await toRequest(core, input, call);
    const asked = await askOnce(core, request, input.cache, () => submit(core, request, call));
    if ("found" in asked)
      return { ...toCachedReply(core, asked.found, startedAt), childSessionKey: asked.found.sessionKey };
    const { run, isOwn } = asked;
    const outcome = input.wait ? await within(core.clock, Infinity, outcomeOf(run), call.signal) : undefined;
    if (!outcome) return toSpawned(run);
    // One that could not be stored yet is not waited for.
    const stored = outcome.type === "done" ? await asked.stored : undefined;
    if (stored && !isOwn) return { ...toCachedReply(core, stored, startedAt), childSessionKey: run.sessionKey };
    return { ...(await toReply(core, run, outcome, startedAt)), ...toChild(run) };
  },
  async goOn(core, begun, { wait }, { signal }) {
    const { childSessionKey, worktree } = begun;
    const answer = await laterReply(core, begun, wait ? Number.POSITIVE_INFINITY : 0, signal);
    return { ...answer, childSessionKey, ...defined({ worktree }) };
  },
  async stream(core, input, call) {
    refuseCachedStream(input.cache);
    const sinceId = core.events.lastId();
    const run = await submit(core, await toRequest(core, input, call), call);
    return runEvents(core, run, sinceId, call.signal);
  },
});
