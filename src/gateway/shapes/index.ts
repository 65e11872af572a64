import type * as z from "zod";
import { approvalShape } from "./approval.ts";
import { auditRecordShape } from "./audit.ts";
import { browserAnswerShape } from "./browser.ts";
import { errorAnswerShape } from "./error.ts";
import { jobPatchShape, jobShape, newJobShape, slotShape } from "./job.ts";
import { attachmentShape, messageShape } from "./message.ts";
import { modelShape } from "./model.ts";
import { originShape } from "./origin.ts";
import { outcomeShape, runShape } from "./run.ts";
import { sessionShape } from "./session.ts";
import { usageShape } from "./usage.ts";

/** The shapes of answers that documents refer to by name. */
export const answerShapes: Record<string, z.ZodType> = {
  Approval: approvalShape,
  Attachment: attachmentShape,
  AuditRecord: auditRecordShape,
  BrowserAnswer: browserAnswerShape,
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

/** Those of inputs. */
export const inputShapes: Record<string, z.ZodType> = {
  JobPatch: jobPatchShape,
  NewJob: newJobShape,
};
