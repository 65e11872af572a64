import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { parseInput } from "../../base/input/parseInput.ts";
import { checkJson } from "../calls/jsonValue.ts";

const text = z.string().regex(/\S/, "Expected some text, but it is blank");

/** What OpenClaw's clients post to /hooks/wake. */
export const wakeBodyShape = z.looseObject({
  text: text.max(100_000).describe("What happened."),
  mode: z
    .enum(["now", "next-heartbeat"])
    .default("now")
    .describe("Whether the main session is woken, or reads it when something runs there next."),
});

/** What they post to /hooks/agent. */
export const agentBodyShape = z.looseObject({
  message: text.max(500_000).describe("What the agent is asked."),
  name: z.string().max(200).optional().describe("Names the session."),
  sessionKey: z
    .string()
    .regex(/^(?!.*\.\.)[\w.:@/-]{1,180}$/, "Expected letters, digits and . : @ / _ -, and no two dots")
    .optional()
    .describe("Goes on in the session of this name; only where the configuration says `sessionKeys: true`."),
  model: z.string().min(1).max(200).optional(),
  timeoutSeconds: z
    .number()
    .min(0)
    .max(30 * 24 * 3600)
    .optional()
    .describe("Limit of the run; 0: the usual one."),
});

/** Fields of theirs that have no effect here, and are named in `X-Pincer-Ignored`. */
const WITHOUT_EFFECT = ["agentId", "wakeMode", "deliver", "channel", "to", "thinking", "fallbacks"];

export function readWake(payload: unknown): z.output<typeof wakeBodyShape> {
  return parseInput(wakeBodyShape, asObject(payload));
}

export function readAgent(payload: unknown): { body: z.output<typeof agentBodyShape>; ignored: string[] } {
  const given = asObject(payload);
  const known = new Set([...Object.keys(agentBodyShape.shape), ...WITHOUT_EFFECT, "idempotencyKey"]);
  const unknown = Object.keys(given).find((key) => !known.has(key));
  if (unknown !== undefined)
    throw new AppError("bad_request", `${unknown.slice(0, 100)}: Unknown field`, {
      details: [{ path: unknown.slice(0, 100), message: "Unknown field" }],
    });
  return { body: parseInput(agentBodyShape, given), ignored: WITHOUT_EFFECT.filter((key) => key in given) };
}

/** As strict as the API is: what these senders write becomes the message itself. */
function asObject(payload: unknown): Record<string, unknown> {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload))
    throw new AppError("bad_request", "The body must be a JSON object");
  checkJson(payload);
  return payload as Record<string, unknown>;
}
