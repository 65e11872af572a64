import type * as z from "zod";
import { approvalShape } from "../../protocol/approval.ts";
import { auditRecordShape } from "../../protocol/audit.ts";
import { errorAnswerShape } from "../../protocol/error.ts";
import { jobPatchSchema, newJobSchema } from "../../schedule/jobSchema.ts";
import { jobShape, slotShape } from "../../protocol/job.ts";
import {
  assistantMessageShape,
  attachmentShape,
  historyMessageShape,
  originShape,
  systemMessageShape,
  toolMessageShape,
  userMessageShape,
} from "../../protocol/message.ts";
import { modelShape } from "../../protocol/model.ts";
import { outcomeShape, runShape } from "../../protocol/run.ts";
import { sessionShape } from "../../protocol/session.ts";
import { usageShape } from "../../protocol/usage.ts";
import { browserAnswerShape } from "../../protocol/browser.ts";

/** The shapes of answers that documents refer to by name. */
export const answerShapes: Record<string, z.ZodType> = {
  Approval: approvalShape,
  AssistantMessage: assistantMessageShape,
  Attachment: attachmentShape,
  AuditRecord: auditRecordShape,
  BrowserAnswer: browserAnswerShape,
  Error: errorAnswerShape,
  Job: jobShape,
  Message: historyMessageShape,
  Model: modelShape,
  Origin: originShape,
  Outcome: outcomeShape,
  Run: runShape,
  Session: sessionShape,
  Slot: slotShape,
  SystemMessage: systemMessageShape,
  ToolMessage: toolMessageShape,
  Usage: usageShape,
  UserMessage: userMessageShape,
};

/** Those of inputs. */
export const inputShapes: Record<string, z.ZodType> = {
  JobPatch: jobPatchSchema,
  NewJob: newJobSchema,
};
