import { AppError } from "../../../base/appError.ts";
import { canonical } from "../../../schema/jsonWords.ts";
import { newSteps, schemaFaults } from "../../../schema/matchSchema.ts";
import { readSchema, type SchemaFault } from "../../../schema/readSchema.ts";
import { replyJson } from "../../../schema/replyJson.ts";
import type { Steps } from "../../../schema/steps.ts";
import type { AssistantMessage, StoredMessage } from "../../../protocol/message.ts";
import type { OutputShape } from "../../ports/provider.ts";
import type { ReplyForm } from "../../../protocol/replyForm.ts";

/** What a last answer comes to: the end of the run, one more try, or its failure. */
export type Closing = { result?: unknown } | { again: { note: string; notice: string } } | { failure: AppError };

/** Looks at what would be a run's last answer. */
export type ReplyCheck = (answer: Pick<AssistantMessage, "text" | "ended">) => Closing;

const AGAIN = "Your reply is not the JSON value that was asked for";

/** What a model is told beside the message whose reply has a form. */
export function formWords({ schema }: ReplyForm): string {
  return `[When you are done, reply with one JSON value that fits this JSON Schema, and nothing around it: no words, no fence.]\n${JSON.stringify(schema)}`;
}

export function toOutputShape({ schema, name = "reply" }: ReplyForm, alone: boolean): OutputShape {
  return { name: name.replaceAll(/[^\w-]/g, "_").slice(0, 64) || "reply", schema, alone };
}

/** Whether the run was asked for its reply again already: its history tells. */
export function wasAskedAgain(messages: StoredMessage[], runId: string): boolean {
  return messages.some((one) => one.runId === runId && one.role === "system" && one.text.startsWith(AGAIN));
}

/** Takes the value out of a reply; one that does not fit is asked for again once, with its faults. */
export function createReplyCheck(form: ReplyForm | undefined, askedAgain: boolean): ReplyCheck {
  if (!form) return () => ({});
  const schema = readSchema(form.schema);
  let isLast = askedAgain;
  return ({ text, ended }) => {
    const steps = newSteps();
    const read = fitting(text, (value) => schemaFaults(schema, value, steps), steps);
    if ("result" in read) return read;
    if (isLast || ended === "refused") return { failure: invalidResult(read.faults, text) };
    isLast = true;
    const lines = read.faults.map(toLine).join("\n");
    return {
      again: {
        note: `${AGAIN}:\n${lines}\nReply once more, with that value alone: no words around it, no fence.`,
        notice: `The reply does not fit its schema: ${toLine(read.faults[0]!)}. Asking once more.`,
      },
    };
  };
}

function fitting(
  text: string,
  faultsOf: (value: unknown) => SchemaFault[],
  steps: Steps,
): { result: unknown } | { faults: SchemaFault[] } {
  const { values, fault } = replyJson(text);
  if (values.length === 0) return { faults: [{ path: "", message: `It holds no JSON value: ${fault}` }] };
  const found = values.map((value) => ({ value, faults: faultsOf(value), size: JSON.stringify(value).length }));
  // Of one that was not looked at nobody knows whether it is the one that was meant.
  if (steps.left < 0) return { faults: found.at(-1)!.faults };
  const fit = found.filter(({ faults }) => faults.length === 0);
  if (new Set(fit.map(({ value }) => canonical(value))).size > 1)
    return { faults: [{ path: "", message: `There are ${fit.length} JSON values that fit, and one is asked for` }] };
  if (fit[0]) return { result: fit[0].value };
  return { faults: found.toSorted((a, b) => b.size - a.size)[0]!.faults };
}

function toLine({ path, message }: SchemaFault): string {
  return path === "" ? message : `${path}: ${message}`;
}

function invalidResult(faults: SchemaFault[], reply: string): AppError {
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  const message = `The reply does not fit its schema: ${toLine(faults[0]!)}${more}`;
  return new AppError("invalid_result", message, { details: faults, reply });
}
