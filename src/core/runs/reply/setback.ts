import type { Answered } from "../askModel.ts";

/** An answer that is none: the model is told why, and asked to go on. */
export interface Setback {
  /** For the model. */
  note: string;
  /** For people, meanwhile. */
  notice: string;
  /** For people, after its name, when it happens again and again. */
  failure: string;
}

/** Why an answer cannot be taken as it is; undefined when it can. */
export function toSetback({ answer, stop, dropped }: Answered): Setback | undefined {
  const said = answer.text.trim() !== "";
  if (stop === "length" && dropped.length > 0) {
    const calls = dropped.map((name) => name || "a tool").join(", ");
    return {
      note: `Your answer reached the output limit in the middle of a call of ${calls}. Nothing was run and nothing was changed. Make the call again with less in it: write a long file in several smaller pieces.`,
      notice: `The answer reached the model's output limit in the middle of a call of ${calls}, which was not run. Asking it to go on in smaller pieces.`,
      failure: `reached its output limit again and again in the middle of a call of ${calls}, so nothing of it was run. Ask for smaller pieces, or choose a model with a larger output limit.`,
    };
  }
  if (stop === "length" && !said) {
    return {
      note: "Your answer reached the output limit before anything was said. Think less, and answer or call a tool.",
      notice: "The answer reached the model's output limit before anything was said. Asking again.",
      failure: "reached its output limit again and again before anything was said.",
    };
  }
  if (stop === "broken_call") {
    return {
      note: "Your tool call could not be read, so nothing was run. Make it again: one call of a tool that is on offer, its arguments as valid JSON.",
      notice: "The model wrote a tool call that cannot be read. Asking again.",
      failure: "wrote tool calls that cannot be read, again and again.",
    };
  }
  if ((stop === "done" || stop === "tool_calls") && !said && answer.toolCalls.length === 0) {
    return {
      note: "Your answer was empty. Go on with the work, or say in words what came of it.",
      notice: "The model's answer was empty. Asking again.",
      failure: "gave an empty answer again and again.",
    };
  }
  return undefined;
}
