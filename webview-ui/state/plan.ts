import { type PlanStep, toSteps } from "../parts/planStep.ts";
import type { TranscriptState } from "./transcriptState.ts";

/** The steps of the newest run, as its newest call of `todo` lists them; undefined when it made no list. */
export function planOf({ messages, calls, runs }: TranscriptState): PlanStep[] | undefined {
  const newest = messages.value.at(-1)?.runId;
  if (newest === undefined) return undefined;
  // A call that is under way is not part of the messages yet.
  const open = [...calls.value.values()].filter(({ runId, name }) => runId === newest && name === "todo");
  const said = messages.value
    .filter((message) => message.role === "assistant" && message.runId === newest)
    .flatMap((message) => (message.role === "assistant" ? message.toolCalls : []))
    .filter(({ name }) => name === "todo");
  const steps = toSteps((said.at(-1) ?? open.at(-1))?.input);
  if (steps.length === 0) return undefined;
  // Once all is done and the answer is there, the list has told all that it can.
  const isOver = runs.value.get(newest)?.state !== "running" && steps.every(({ status }) => status === "done");
  return isOver ? undefined : steps;
}
