import * as z from "zod";

export const hookMomentShape = z.enum(["beforeTool", "afterTool", "runFinished", "messageReceived"]);

export type HookMoment = z.output<typeof hookMomentShape>;

/** How a call of one of the user's own hooks went. */
export const hookEndShape = z.strictObject({
  moment: hookMomentShape,
  hook: z.string().describe("Its name, or which of its moment it is."),
  outcome: z
    .enum(["ok", "denied", "failed"])
    .describe("denied: of beforeTool, which said so; one that failed denies as well."),
  reason: z.string().optional().describe("Why it denied, or what went wrong."),
  durationMs: z.number(),
});

export type HookEnd = z.output<typeof hookEndShape>;
