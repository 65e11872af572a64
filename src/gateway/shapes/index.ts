import type * as z from "zod";
import { approvalShape } from "./approval.ts";
import { errorAnswerShape } from "./error.ts";
import { jobShape, slotShape } from "./job.ts";
import { attachmentShape, messageShape } from "./message.ts";
import { modelShape } from "./model.ts";
import { originShape } from "./origin.ts";
import { outcomeShape, runShape } from "./run.ts";
import { sessionShape } from "./session.ts";
import { usageShape } from "./usage.ts";

/** The shapes that documents refer to by name. */
export const namedShapes: Record<string, z.ZodType> = {
  Approval: approvalShape,
  Attachment: attachmentShape,
  Error: errorAnswerShape,
  Job: jobShape,
  Message: messageShape,
  Model: modelShape,
  Origin: originShape,
  Outcome: outcomeShape,
  Run: runShape,
  Session: sessionShape,
  Slot: slotShape,
  Usage: usageShape,
};
