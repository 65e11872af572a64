import * as z from "zod";
import { templateFault } from "../../base/input/payloadTemplate.ts";
import { hookFields } from "../../protocol/hooks/hook.ts";
import { ruleSchema } from "../../rules/ruleSchema.ts";

const { message, event, grants } = hookFields.shape;

/** What openclaw.yml takes as a webhook. */
export const hookSchema = hookFields.extend({
  message: message.superRefine(noFault),
  event: event.superRefine(noFault),
  grants: z
    .array(ruleSchema)
    .max(100)
    .optional()
    .describe(grants.description ?? ""),
});

function noFault(text: string | undefined, context: z.core.$RefinementCtx<string | undefined>): void {
  const fault = templateFault(text ?? "");
  if (fault) context.addIssue({ code: "custom", message: fault, input: text });
}
