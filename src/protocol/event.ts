import * as z from "zod";
import { approvalShape, decisionShape } from "./approval.ts";
import { jobShape } from "./job.ts";
import {
  assistantMessageShape,
  type Message,
  originShape,
  systemMessageShape,
  toolMessageShape,
  userMessageShape,
} from "./message.ts";
import { mcpAnswerShape, mcpQuestionShape, mcpServerShape } from "./mcp.ts";
import { hookEndShape } from "./hooks/ownHook.ts";
import { outcomeShape } from "./run.ts";
import { sessionShape } from "./session.ts";
import { usageShape } from "./usage.ts";

/** A message as it is told. */
export const messageShape = z.discriminatedUnion("role", [
  userMessageShape,
  assistantMessageShape,
  toolMessageShape,
  systemMessageShape,
]);

const textDelta = z
  .strictObject({ type: z.literal("text.delta"), text: z.string() })
  .describe("A piece of the answer as it comes.");
const thinkingDelta = z
  .strictObject({ type: z.literal("thinking.delta"), text: z.string() })
  .describe("A piece of the model's thinking.");
const toolProgress = z
  .strictObject({ type: z.literal("tool.progress"), callId: z.string(), text: z.string() })
  .describe("Output of a tool so far.");

/** Of a message that waits. */
const carries = z.array(z.string()).optional().describe("Names of the attachments of its message.");

/** Of a run that may only look. */
const plans = z.literal(true).optional().describe("It may only look: its reply is a plan.");

export const runFacts = [
  z
    .strictObject({ type: z.literal("run.queued"), text: z.string(), carries, origin: originShape, plan: plans })
    .describe(
      "Only when it has to wait for another run of its session; its message enters the history at run.started.",
    ),
  z
    .strictObject({ type: z.literal("run.started"), model: z.string(), origin: originShape, plan: plans })
    .describe("The first of every run, but for run.queued."),
  z
    .strictObject({ type: z.literal("run.resumed") })
    .describe("The gateway came back and the run goes on from its last journalled step."),
  z
    .strictObject({ type: z.literal("run.notice"), text: z.string() })
    .describe("Something worth showing: the provider waits, another model takes over."),
  textDelta,
  thinkingDelta,
  z
    .strictObject({
      type: z.literal("tool.started"),
      callId: z.string(),
      name: z.string(),
      input: z.unknown(),
      allowedBy: z.string().optional().describe("The rule, mode or person that let it run, where it had to be asked."),
    })
    .describe("A tool call begins, after it was approved where it needs that."),
  toolProgress,
  z
    .strictObject({
      type: z.literal("tool.finished"),
      callId: z.string(),
      name: z.string(),
      isError: z.boolean(),
      durationMs: z.number(),
      origin: originShape.optional().describe("Where no run tells it: the call was made by hand."),
    })
    .describe("A tool call is over; the `message` that follows holds what it gave."),
  hookEndShape
    .extend({ type: z.literal("hook.finished"), callId: z.string() })
    .describe("A hook of the user before or after a tool call has ended."),
  z
    .strictObject({ type: z.literal("approval.asked"), approval: approvalShape })
    .describe("A tool call waits for an answer."),
  z
    .strictObject({
      type: z.literal("approval.answered"),
      approvalId: z.string(),
      callId: z.string(),
      tool: z.string().optional(),
      raised: z.string().optional().describe('What it allowed beyond a budget: "$5.00 more for this job".'),
      decision: decisionShape,
      by: z
        .string()
        .describe('Who answered: "panel", "api:ci"; "time-out", or "withdrawn" when its call was given up.'),
    })
    .describe("It waits no more."),
  z
    .strictObject({ type: z.literal("message"), message: messageShape })
    .describe("A message of the session's history, whole."),
  z
    .strictObject({
      type: z.literal("usage"),
      usage: usageShape,
      contextTokens: z
        .int()
        .min(0)
        .optional()
        .describe("What the context window holds now. Absent where no answer is stored with it: it holds what it did."),
      model: z.string().optional().describe("What it was used on, where that is not the run's own."),
      countedUsd: z
        .number()
        .min(0)
        .optional()
        .describe("US dollars that count towards budgets where the cost is not known: an estimate."),
    })
    .describe("What one request of a model used."),
  z
    .strictObject({ type: z.literal("run.finished"), outcome: outcomeShape })
    .describe("The last of every run, exactly once, whatever happens."),
] as const;

export const stateFacts = [
  z
    .strictObject({ type: z.literal("session.changed"), session: sessionShape })
    .describe("A session was made, or is not as it was."),
  z.strictObject({ type: z.literal("session.deleted"), sessionKey: z.string() }).describe("A session is gone."),
  z.strictObject({ type: z.literal("job.changed"), job: jobShape }).describe("A job was made, or is not as it was."),
  z.strictObject({ type: z.literal("job.deleted"), jobId: z.string() }).describe("A job is gone."),
  z
    .strictObject({
      type: z.literal("job.announced"),
      jobId: z.string(),
      name: z.string(),
      status: z.enum(["ok", "failed"]),
      text: z.string(),
      sessionKey: z.string().optional().describe("Where it came from."),
    })
    .describe("A result to show to the user."),
  z
    .strictObject({
      type: z.literal("budget.warned"),
      budget: z.string().describe('In its period, as in "day 2026-11-26".'),
      percent: z.int().describe("50 or 80; each once."),
      text: z.string(),
      by: z.string().describe("Id of the run whose request it was."),
      sessionKey: z.string(),
    })
    .describe("Much of a budget is used."),
  z
    .strictObject({ type: z.literal("mcp.changed"), server: mcpServerShape })
    .describe("An MCP server is not as it was: its state, or the tools that it has."),
  z
    .strictObject({ type: z.literal("channel.changed"), channel: z.string() })
    .describe(
      "A chat network is not as it was: its state, or who may talk there or waits to; channels.list tells how it is.",
    ),
  z
    .strictObject({
      type: z.literal("command.ended"),
      command: z.string(),
      sessionKey: z.string().describe("Of the session that started it."),
      by: z.string().describe("Id of the run that started it."),
      workspace: z.string().describe("The folder that it ran in."),
      exitCode: z.int().nullable().describe("null when it was stopped."),
    })
    .describe("A command in the background has ended."),
  hookEndShape
    .extend({
      type: z.literal("hook.ended"),
      sessionKey: z.string(),
      by: z.string().describe("Id of the run that it is about."),
    })
    .describe("A hook of the user that no run waits for has ended: of a run's end, or of a message."),
  z
    .strictObject({ type: z.literal("mcp.asked"), question: mcpQuestionShape })
    .describe("An MCP server asks the user something; answered by mcp.answer."),
  z
    .strictObject({ type: z.literal("mcp.answered"), questionId: z.string(), action: mcpAnswerShape.shape.action })
    .describe("That question waits no more."),
  z
    .strictObject({
      type: z.literal("browser.left"),
      sessionKey: z.string().optional().describe("Absent: of all sessions."),
      wiped: z.boolean().describe("Whether cookies, storage and downloads are gone as well."),
      by: z.string().describe("Which process of the gateway was asked to."),
    })
    .describe("A session's tabs in the browser were closed, by stop or clear."),
  z
    .strictObject({ type: z.literal("gateway.changed"), reason: z.string() })
    .describe(
      "The gateway itself is not as it was, as after a change of its configuration, or when a phone came in or was removed, or its code is void.",
    ),
] as const;

const stamp = {
  id: z
    .int()
    .min(0)
    .describe(
      "Counts over the whole gateway; what a client resumes after. Where nothing is stored, that of the newest.",
    ),
  part: z
    .int()
    .min(1)
    .optional()
    .describe("Counts deltas, which are not stored: events are in the order of `id`, then `part`."),
  at: z.string().describe("When it happened."),
};

export const runStamp = z.strictObject({
  ...stamp,
  seq: z.int().min(0).describe("Counts per session. A delta has that of the stored event before it."),
  runId: z.string(),
  sessionKey: z.string(),
});

// Not stored, so `id` and `part` repeat the newest.
export const stateStamp = z.strictObject(stamp);

type ToldFact = z.output<(typeof runFacts)[number]>;

/**
 * What happens in a run. run.started first and run.finished last, each exactly once, whatever happens.
 * Deltas may be lost to a slow client; everything else is stored before it is told. A `message` as stored may hold the
 * provider's own form of it, which never leaves the gateway.
 */
export type RunFact = Exclude<ToldFact, { type: "message" }> | { type: "message"; message: Message };

/** `seq` counts per session; `id` counts over the whole gateway and is what a client resumes after. `at` is ISO 8601. */
export type RunEvent = RunFact & z.output<typeof runStamp>;

/** What changes outside of any run's stream: lists and trees redraw from these. */
export type StateFact = z.output<(typeof stateFacts)[number]>;

export type StateEvent = StateFact & z.output<typeof stateStamp>;

export type GatewayEvent = RunEvent | StateEvent;

/** What is told of a run and not stored. */
export const deltaShape = z.discriminatedUnion("type", [textDelta, thinkingDelta, toolProgress]);

export const stateFactShape = z.discriminatedUnion("type", stateFacts);
