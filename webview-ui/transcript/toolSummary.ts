import { visibleLine } from "../../src/base/text/visible.ts";

/** How a tool is drawn in one line: its icon, and what of its input says most. */
export function toToolIcon(name: string): string {
  if (name.startsWith("mcp__")) return "mcp";
  return ICONS[name] ?? "tools";
}

/** "mcp__github__search" -> "github search". */
export function toToolLabel(name: string): string {
  return name.startsWith("mcp__") ? name.slice("mcp__".length).replace("__", " ") : name;
}

/** The one argument that tells calls of this tool apart, on one line; "" when there is none. */
export function toToolSummary(name: string, input: unknown): string {
  if (typeof input === "string") return visibleLine(input);
  if (typeof input !== "object" || input === null) return "";
  const args = input as Record<string, unknown>;
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

const ICONS: Record<string, string> = {
  read: "file",
  write: "new-file",
  edit: "edit",
  apply_patch: "diff",
  list: "folder",
  find: "search",
  grep: "search",
  exec: "terminal",
  web_fetch: "globe",
  browser: "browser",
  diagnostics: "warning",
  todo: "checklist",
  memory: "database",
  sessions_list: "list-unordered",
  sessions_history: "history",
  sessions_send: "send",
  sessions_spawn: "type-hierarchy-sub",
  session_status: "pulse",
  cron: "watch",
};

const COMMON = ["path", "command", "url", "query", "pattern", "name", "message", "text"];

const FIELDS: Record<string, string[]> = {
  grep: ["pattern", "query", "path"],
  find: ["pattern", "glob", "query", "path"],
  browser: ["url", "action"],
  sessions_spawn: ["label", "task"],
  sessions_send: ["message", "sessionKey"],
};
