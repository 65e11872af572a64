import * as z from "zod";
import type { StoredMessage } from "../../protocol/message.ts";
import { originShape } from "../../protocol/shapes/originShape.ts";
import { toUsage, usageShape } from "../../protocol/shapes/usageShape.ts";

export const attachmentShape = z.strictObject({
  name: z.string().min(1).max(255),
  mediaType: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/, "Expected a media type such as image/png")
    .max(127),
  data: z.string().describe("Text as it is; anything else in base64."),
});

export const toolCallShape = z.strictObject({ id: z.string(), name: z.string(), input: z.unknown() });

export const messageShape = z.strictObject({
  seq: z.int().min(0).describe("Its place among the session's events."),
  role: z.enum(["user", "assistant", "tool", "system"]),
  text: z.string(),
  origin: originShape.optional(),
  attachments: z.array(attachmentShape).optional(),
  toolCalls: z.array(toolCallShape).optional(),
  thinking: z.string().optional(),
  model: z.string().optional(),
  ended: z.enum(["stopped", "length", "refused"]).optional().describe("Why an answer is not whole."),
  callId: z.string().optional().describe("Of a tool's message: the call it answers."),
  name: z.string().optional(),
  isError: z.boolean().optional(),
  images: z.array(attachmentShape).optional(),
  durationMs: z.number().optional(),
  kind: z.enum(["event", "summary"]).optional(),
  runId: z.string(),
  createdAt: z.string(),
  usage: usageShape.optional(),
});

/** Field by field, so that what is only the gateway's (`native`) stays there. */
export function toMessage(message: StoredMessage, includeTools: boolean): z.output<typeof messageShape> {
  const { seq, role, text, runId, createdAt } = message;
  const common = { seq, role, text, runId, createdAt };
  if (message.role === "user") return { ...common, origin: message.origin, ...given(message, ["attachments"]) };
  if (message.role === "tool")
    return { ...common, ...given(message, ["callId", "name", "isError", "images", "durationMs"]) };
  if (message.role === "system") return { ...common, ...given(message, ["kind", "origin"]) };
  return {
    ...common,
    ...(includeTools && message.toolCalls.length > 0 ? { toolCalls: message.toolCalls } : {}),
    ...given(message, includeTools ? ["thinking", "model", "ended"] : ["model", "ended"]),
    ...(message.usage ? { usage: toUsage(message.usage) } : {}),
  };
}

/** These fields of it, where they have a value. */
function given<T extends object, K extends keyof T>(source: T, keys: readonly K[]): Partial<Pick<T, K>> {
  const entries = keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]]);
  return Object.fromEntries(entries) as Partial<Pick<T, K>>;
}
