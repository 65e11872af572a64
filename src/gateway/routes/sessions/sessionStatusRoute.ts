import { defined } from "../../../base/defined.ts";
import * as z from "zod";
import type { Core } from "../../../core/core.ts";
import type { StoredSession } from "../../../core/ports/storedSession.ts";
import type { Origin } from "../../../protocol/message.ts";
import type { AgentSettings, Budget } from "../../../core/ports/settings.ts";
import { defineRoute } from "../../calls/route.ts";
import { effortShape } from "../../../protocol/context/agentPart.ts";
import { instructionFileShape } from "../../../protocol/context/instructionFile.ts";
import { sessionKeyOrMain, sessionKindShape, sessionShape, sessionStateShape } from "../../../protocol/session.ts";
import { modeInForce } from "../../../core/permission/sessionMode.ts";
import { toldSession } from "../../../core/state/toldSession.ts";
import { budgetStateShape } from "../../../protocol/written/budgetState.ts";
import { toUsage, usageShape } from "../../../protocol/usage.ts";

const budgetShape = z.strictObject({ usd: z.number().nullable(), tokens: z.number().nullable() });

const approvalModeShape = z.enum(["ask", "auto-safe", "auto", "deny"]);
const modeShape = z.enum([...approvalModeShape.options, "plan"]);

const configShape = z.strictObject({
  maxSteps: z.number(),
  approvals: approvalModeShape,
  approvalTimeoutSeconds: z.number(),
  budgetUsd: z.number().nullable(),
  budgetTokens: z.number().nullable(),
  budgets: z
    .record(z.enum(["session", "job", "day"]), budgetShape)
    .describe("Ceilings of all runs of a session, of each firing of a job, and of a day (UTC)."),
  tools: z.strictObject({ allow: z.array(z.string()).optional(), deny: z.array(z.string()) }),
  fallbacks: z.array(z.string()),
});

export const sessionStatus = defineRoute({
  name: "session.status",
  aliases: ["sessions.status"],
  verb: "GET",
  scope: "read",
  summary: "A session's state, what its next run would use, and how full its context is.",
  input: z.strictObject({ sessionKey: sessionKeyOrMain }),
  output: z.strictObject({
    sessionKey: z.string(),
    title: z.string().nullable(),
    kind: sessionKindShape,
    state: sessionStateShape,
    lastError: z.string().nullable().describe("Why its newest run failed; null where it did not."),
    model: z.string(),
    effort: effortShape.nullable().describe("How long its model thinks; null: as the model does by itself."),
    provider: z.string(),
    budgetProblem: z
      .string()
      .nullable()
      .describe("Why its requests will be refused: a budget in dollars, and a model without a known price."),
    budgets: z.array(budgetStateShape).describe("How the session's ceilings stand, and those of today (UTC)."),
    workspace: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
    usage: usageShape,
    context: z.strictObject({
      usedTokens: z.number(),
      windowTokens: z.number().nullable(),
      percent: z.number().nullable(),
    }),
    runs: z.strictObject({ total: z.int(), active: z.int(), queued: z.int(), failed: z.int() }),
    subagents: z.array(sessionShape),
    instructions: z
      .array(instructionFileShape.omit({ text: true }))
      .describe("Files of standing instructions that its model is told; `instructions.list` has their texts."),
    skills: z.array(z.string()).describe("Names of the skills whose instructions its model is told."),
    mode: modeShape.describe("How calls are decided in the runs that the caller starts here."),
    plan: z
      .string()
      .nullable()
      .describe("The run whose plan waits to be accepted (`plans.get`); null where none does."),
    config: configShape,
  }),
  async handle(core, { sessionKey }, { origin }) {
    const status = await core.sessions.status(sessionKey);
    const { session, model, budgetProblem = null, context, runs, subagents, instructions, skills } = status;
    return {
      sessionKey: session.key,
      title: session.title ?? null,
      kind: session.kind,
      state: session.state,
      lastError: session.state === "failed" ? await lastError(core, sessionKey) : null,
      model,
      effort: session.agent?.effort ?? session.effort ?? null,
      provider: model.split("/", 1)[0] ?? model,
      budgetProblem,
      budgets: await core.budgets.list(sessionKey),
      workspace: session.workspace ?? null,
      createdAt: session.createdAt,
      updatedAt: session.updatedAt,
      usage: toUsage(session.usage),
      context: { usedTokens: context.usedTokens, windowTokens: context.windowTokens, percent: context.percent },
      runs: { total: runs.total, active: runs.active, queued: runs.queued, failed: runs.failed },
      subagents: subagents.map(toldSession),
      instructions: instructions.map(({ text: _text, ...file }) => file),
      skills,
      mode: modeOf(core, session, origin),
      plan: (await core.plans.find(sessionKey))?.runId ?? null,
      config: toConfig(core.settings(session.workspace)),
    };
  },
});

/** Planning holds for whoever asks. */
function modeOf(core: Core, session: StoredSession, origin: Origin): z.output<typeof modeShape> {
  if (session.mode?.is === "plan") return "plan";
  return modeInForce(core.settings(session.workspace), session, { id: "", origin }).approvals;
}

async function lastError(core: Core, sessionKey: string): Promise<string | null> {
  const [newest] = await core.runs.list({ sessionKey, limit: 1 });
  return newest?.outcome?.type === "failed" ? newest.outcome.error.message : null;
}

function toConfig(settings: AgentSettings): z.output<typeof configShape> {
  const { allow, deny } = settings.tools;
  const { budgets = {} } = settings;
  return {
    maxSteps: settings.maxSteps,
    approvals: settings.approvals,
    approvalTimeoutSeconds: settings.approvalTimeoutMs / 1000,
    budgetUsd: settings.budgetUsd ?? null,
    budgetTokens: settings.budgetTokens ?? null,
    budgets: { session: toBudget(budgets.session), job: toBudget(budgets.job), day: toBudget(budgets.day) },
    tools: { ...defined({ allow }), deny },
    fallbacks: settings.fallbacks,
  };
}

function toBudget(budget: Budget | undefined): z.output<typeof budgetShape> {
  return { usd: budget?.usd ?? null, tokens: budget?.tokens ?? null };
}
