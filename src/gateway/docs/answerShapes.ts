import type * as z from "zod";
import { approvalShape } from "../../protocol/shapes/approvalShape.ts";
import { auditRecordShape } from "../../protocol/shapes/auditShape.ts";
import { browserAnswerShape } from "../calls/browserShape.ts";
import { errorAnswerShape } from "../calls/errorShape.ts";
import { jobPatchShape, jobShape, newJobShape, slotShape } from "../calls/jobShape.ts";
import { attachmentShape, messageShape } from "../calls/messageShape.ts";
import { modelShape } from "../calls/modelShape.ts";
import { originShape } from "../../protocol/shapes/originShape.ts";
import { outcomeShape, runShape } from "../calls/runShape.ts";
import { sessionShape } from "../calls/sessionShape.ts";
import { usageShape } from "../../protocol/shapes/usageShape.ts";

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
