import { stripVTControlCharacters } from "node:util";
import { cutText } from "../../base/cutText.ts";
import type { ToolResult } from "../../core/ports/tool.ts";
import type { ChildOutcome } from "./child.ts";

/** What the model reads of a command that has ended. */
export function told(output: string, outcome: ChildOutcome, timeoutSeconds?: number): ToolResult {
  const body = output === "" ? "(no output)" : output;
  const withLeft = outcome.leftovers.length === 0 ? body : `${body}\n${leftoverLine(outcome.leftovers)}`;
  const text = outcome.survivors.length === 0 ? withLeft : `${withLeft}\n${survivorLine(outcome.survivors)}`;
  if (outcome.timedOut)
    return { text: `${text}\n[stopped after ${timeoutSeconds ?? "its"} seconds: time limit]`, isError: true };
  if (outcome.endedBy) return { text: `${text}\n[ended by ${outcome.endedBy}]`, isError: true };
  if (outcome.survivors.length > 0) return { text, isError: true };
  return outcome.exitCode === 0 ? { text } : { text: `${text}\n[exit code ${outcome.exitCode}]`, isError: true };
}

function leftoverLine(leftovers: string[]): string {
  return `[still running when the command ended, so stopped too: ${some(leftovers)}; use background for what is to go on]`;
}

function survivorLine(survivors: string[]): string {
  return `[could not be stopped and still runs: ${some(survivors)}]`;
}

function some(commands: string[]): string {
  const shown = commands.slice(0, 3).map((one) => cutText(one, 80));
  return `${shown.join(", ")}${commands.length > shown.length ? ` and ${commands.length - shown.length} more` : ""}`;
}

/** Output without colours and other terminal codes, and of lines that rewrote themselves only the last state. */
export function clean(output: string): string {
  return stripVTControlCharacters(output)
    .replaceAll("\r\n", "\n")
    .replace(/^.*\r(?=.)/gm, "")
    .replace(CONTROLS, "")
    .trimEnd();
}

// What moves a cursor or rings a bell, and the NUL, for which some APIs refuse all that comes after it.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
