import { visibleLine } from "../../src/base/text/visible.ts";
import { strings } from "../parts/strings.ts";
import type { CallState } from "../parts/callState.ts";
import { type PlanStep, toSteps } from "../parts/planStep.ts";
import { nameTable } from "../../src/base/nameTable.ts";

/** How a tool is drawn in one line: its icon, and what of its input says most. */
export function toToolIcon(name: string): string {
  if (name.startsWith("mcp__")) return "mcp";
  return ICONS[name] ?? "tools";
}

/** What a call does, or did, as people say it: "Searching for", "Ran". Of a server's tool its names: "github search". */
export function toToolWords(name: string, state: CallState): string {
  if (name.startsWith("mcp__")) return name.slice("mcp__".length).replace("__", " ");
  const words = Object.hasOwn(strings.tools, name) ? strings.tools[name as keyof typeof strings.tools] : undefined;
  if (!words) return name;
  if (state === "running") return words.doing;
  return state === "ok" || state === "failed" ? words.done : words.wants;
}

/** Whether what tells a call apart is words of a person, and no path or code. */
export function isSpoken(name: string, summary: string): boolean {
  if (name === "list") return summary === strings.wholeFolder;
  return ["budget", "sessions_spawn", "sessions_send", "sessions_steer", "message_send", "todo", "memory"].includes(
    name,
  );
}

/** The exit code that a command's result ends with; undefined where it has none. */
export function toExitCode(name: string, text: string): number | undefined {
  const [, code] = (name === "exec" && /\[?exit code (\d{1,10})\]?\s*$/.exec(text)) || [];
  return code === undefined ? undefined : Number(code);
}

/** The one argument that tells calls of this tool apart, on one line; "" when there is none. */
export function toToolSummary(name: string, input: unknown): string {
  if (typeof input === "string") return visibleLine(input);
  if (typeof input !== "object" || input === null) return "";
  const args = input as Record<string, unknown>;
  if (name === "todo") return toPlanLine(toSteps(input));
  if (name === "list" && /^(\.\/?)?$/.test(String(args["path"] ?? ""))) return strings.wholeFolder;
  const named = (FIELDS[name] ?? COMMON).map((field) => args[field]);
  const telling = [...named, ...Object.values(args)].find((value) => typeof value === "string" && value !== "");
  return typeof telling === "string" ? visibleLine(telling) : "";
}

/** The input in full, for the opened row: a command or a text as it is, anything else as JSON. */
export function toInputText(name: string, input: unknown): string {
  if (typeof input === "string") return input;
  if (name === "exec" && typeof (input as { command?: unknown } | null)?.command === "string")
    return (input as { command: string }).command;
  return JSON.stringify(input, undefined, 2) ?? "";
}

/** The session a call of `sessions_spawn` made, as far as what it has said so far tells. */
export function toChildKey(name: string, said: string): string | undefined {
  if (name !== "sessions_spawn") return undefined;
  return /"?childSessionKey"?\s*[:=]\s*"?([\w:.-]+)"?/.exec(said)?.[1];
}

/** How far a list of steps is. */
function toPlanLine(steps: PlanStep[]): string {
  return steps.length === 0
    ? ""
    : strings.planProgress(steps.filter(({ status }) => status === "done").length, steps.length);
}

const ICONS = nameTable<string>({
  budget: "credit-card",
  read: "file",
  write: "new-file",
  edit: "edit",
  apply_patch: "diff",
  list: "folder",
  find: "search",
  grep: "search",
  exec: "terminal",
  web_fetch: "globe",
  web_search: "search",
  browser: "browser",
  diagnostics: "warning",
  todo: "checklist",
  memory: "database",
  sessions_list: "list-unordered",
  sessions_history: "history",
  sessions_send: "send",
  sessions_spawn: "type-hierarchy-sub",
  session_status: "pulse",
  message_send: "send",
  cron: "watch",
});

const COMMON = ["path", "command", "url", "query", "pattern", "name", "message", "text"];

const FIELDS = nameTable<string[]>({
  grep: ["pattern", "query", "path"],
  find: ["pattern", "glob", "query", "path"],
  browser: ["url", "action"],
  sessions_spawn: ["label", "task"],
  sessions_send: ["message", "sessionKey"],
  message_send: ["text", "to", "channel"],
});
