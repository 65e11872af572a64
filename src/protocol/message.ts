import * as z from "zod";
import { usedPromptShape } from "./context/prompt.ts";
import { CHANNELS } from "./outside/channelNames.ts";
import { usageShape } from "./usage.ts";

/** Where a message came from. Provenance only: it is shown and audited, and never changes what a run may do. */
export const originShape = z.strictObject({
  via: z.enum(["api", "panel", "palette", "cli", "cron", "subagent", "openai", "mcp", ...CHANNELS, "webhook", "phone"]),
  id: z.string().optional().describe("The job, parent run, token name or sender behind it."),
  rehearsal: z.literal(true).optional().describe("Of a job that is rehearsed: this is no firing of it."),
});

export type Origin = z.output<typeof originShape>;

export const attachmentShape = z.strictObject({
  name: z.string().min(1).max(255),
  mediaType: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+(?:\s*;\s*[\w.+-]+=(?:[\w.+-]+|"[^"]*"))*$/, "Expected a media type such as image/png")
    .max(127),
  data: z
    .string()
    .describe("Text, JSON, XML, YAML and code as it is; anything else in base64. Images: PNG, JPEG, GIF or WebP."),
});

export type Attachment = z.output<typeof attachmentShape>;

export const toolCallShape = z.strictObject({
  id: z.string().describe("Unique within the session; given by the provider."),
  name: z.string(),
  input: z.unknown(),
});

export type ToolCall = z.output<typeof toolCallShape>;

export const userMessageShape = z.strictObject({
  role: z.literal("user"),
  text: z.string(),
  attachments: z.array(attachmentShape).optional(),
  prompt: usedPromptShape.optional().describe("Where it was sent by the name of a prompt: `text` is what was typed."),
  plan: z.string().optional().describe("Where it accepts a plan: all of that, as it is to be carried out."),
  origin: originShape,
});

export type UserMessage = z.output<typeof userMessageShape>;

export const assistantMessageShape = z.strictObject({
  role: z.literal("assistant"),
  text: z.string(),
  thinking: z.string().optional(),
  toolCalls: z.array(toolCallShape),
  model: z.string(),
  usage: usageShape.optional(),
  ended: z
    .enum(["stopped", "length", "refused"])
    .optional()
    .describe(
      "Why it is not whole: cut short by a cancel, a time limit or a fault, the model's output limit, a refusal.",
    ),
  cutBy: z
    .enum(["time_limit", "fault"])
    .optional()
    .describe("Of one that was stopped: by what, where it was no cancel."),
});

export type AssistantMessage = z.output<typeof assistantMessageShape> & {
  /** Stored only: the provider's own form of it, so that it can be sent back exactly. Never leaves the gateway. */
  native?: { provider: string; content: unknown };
};

export const toolMessageShape = z.strictObject({
  role: z.literal("tool"),
  callId: z.string().describe("The call it answers."),
  name: z.string(),
  text: z.string(),
  isError: z.boolean(),
  notRun: z
    .enum(["denied", "stopped"])
    .optional()
    .describe("The call was never made: somebody denied it, or its run ended."),
  allowedBy: z.string().optional().describe("The rule, mode or person that let it run, where it had to be asked."),
  lacked: z.string().optional().describe("What nobody was there to allow, and no grant did."),
  images: z.array(attachmentShape).optional().describe("What a tool made, such as a screenshot."),
  durationMs: z.number().optional(),
});

export type ToolMessage = z.output<typeof toolMessageShape>;

/** A note by the gateway itself that the model reads: a system event, a summary of compacted history, a folder's instructions, a skill, a plan that was accepted. */
export const systemMessageShape = z.strictObject({
  role: z.literal("system"),
  text: z.string(),
  kind: z.enum(["event", "summary", "instructions", "skill", "plan"]),
  place: z
    .string()
    .optional()
    .describe(
      "Of instructions: the file they stand in, from the session's folder. Of a skill: its name. Of a plan: `accepted`, or `ended` where it holds no longer.",
    ),
  origin: originShape.optional(),
  keepFromSeq: z.int().optional().describe("Of a summary: the model sees it instead of everything before this seq."),
});

export type SystemMessage = z.output<typeof systemMessageShape>;

/** The unit of a session's history, append-only. */
export type Message = UserMessage | AssistantMessage | ToolMessage | SystemMessage;

/** A message as stored: `seq` is its place among the session's events, `id` that among the gateway's. */
export type StoredMessage = Message & { id: number; seq: number; runId: string; sessionKey: string; createdAt: string };

/** A message as `sessions.history` lists it; which fields it has follows from its role. */
export const historyMessageShape = z.strictObject({
  seq: z.int().min(0).describe("Its place among the session's events."),
  role: z.enum(["user", "assistant", "tool", "system"]),
  text: z.string(),
  origin: originShape.optional(),
  attachments: userMessageShape.shape.attachments,
  prompt: userMessageShape.shape.prompt,
  plan: userMessageShape.shape.plan,
  toolCalls: assistantMessageShape.shape.toolCalls.optional(),
  thinking: assistantMessageShape.shape.thinking,
  model: z.string().optional(),
  ended: assistantMessageShape.shape.ended,
  cutBy: assistantMessageShape.shape.cutBy,
  callId: z.string().optional().describe("Of a tool's message: the call it answers."),
  name: z.string().optional(),
  isError: z.boolean().optional(),
  notRun: toolMessageShape.shape.notRun,
  allowedBy: toolMessageShape.shape.allowedBy,
  lacked: toolMessageShape.shape.lacked,
  images: toolMessageShape.shape.images,
  durationMs: z.number().optional(),
  kind: systemMessageShape.shape.kind.optional(),
  place: systemMessageShape.shape.place,
  runId: z.string(),
  createdAt: z.string(),
  usage: usageShape.optional(),
});
