import type { RunEvent } from "../../../protocol/event.ts";
import type { ToolCall, ToolMessage } from "../../../protocol/message.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import type { RunReport } from "../../../protocol/written/runReport.ts";
import type { Store } from "../../ports/store.ts";

/** What a run did, call by call. Of what tools gave there is only how it ended. */
type RunWork = Pick<RunReport, "steps" | "tools" | "commands" | "refused" | "lacked" | "notices">;

const PAGE = 200;
const MOST_KEPT = 10_000;

/** Reads a run's events, a page at a time. */
export async function readWork(store: Store, { id, sessionKey }: RunRecord): Promise<RunWork> {
  const work: RunWork = { steps: 0, tools: [], commands: [], refused: [], lacked: [], notices: [] };
  // Calls whose end has not come yet.
  const open = new Map<string, ToolCall>();
  for (let afterId = 0; ;) {
    const page = await store.listEvents({ afterId, sessionKey, runId: id, limit: PAGE });
    for (const event of page) take(work, open, event);
    if (page.length < PAGE) break;
    afterId = page.at(-1)!.id;
  }
  for (const call of open.values()) takeCommand(work, call);
  // Results come in the order in which calls happened to end.
  work.tools.sort((a, b) => (a.name < b.name ? -1 : 1));
  return work;
}

function take(work: RunWork, open: Map<string, ToolCall>, event: RunEvent): void {
  if (event.type === "run.notice") add(work.notices, event.text);
  if (event.type !== "message") return;
  const { message } = event;
  if (message.role === "assistant") {
    work.steps += 1;
    for (const call of message.toolCalls) open.set(call.id, call);
  } else if (message.role === "tool") {
    const call = open.get(message.callId) ?? { id: message.callId, name: message.name, input: undefined };
    open.delete(message.callId);
    takeResult(work, call, message);
  }
}

function takeResult(work: RunWork, call: ToolCall, message: ToolMessage): void {
  const known = work.tools.find(({ name }) => name === message.name);
  const tool = known ?? { name: message.name, calls: 0, failed: 0, refused: 0 };
  if (!known) work.tools.push(tool);
  if (message.notRun === undefined) tool.calls += 1;
  else tool.refused += 1;
  if (message.notRun === undefined && message.isError) tool.failed += 1;
  if (message.notRun !== undefined) {
    const why = message.text.split("\n", 1)[0] ?? "";
    add(work.refused, { tool: message.name, what: whatOf(call), why });
  }
  if (message.lacked !== undefined) add(work.lacked, message.lacked);
  takeCommand(work, call, message);
}

function takeCommand(work: RunWork, { name, input }: ToolCall, message?: ToolMessage): void {
  const command = textOf(input, "command");
  if (name !== "exec" || command === undefined) return;
  add(work.commands, {
    command,
    ...endOf(input, message),
    durationMs: message?.notRun === undefined ? (message?.durationMs ?? null) : null,
  });
}

function endOf(
  input: unknown,
  message: ToolMessage | undefined,
): Pick<RunReport["commands"][number], "ended" | "exitCode"> {
  if (!message) return { ended: "unknown", exitCode: null };
  if (message.notRun !== undefined) return { ended: "refused", exitCode: null };
  if ((input as { background?: unknown }).background === true)
    return { ended: message.isError ? "unknown" : "background", exitCode: null };
  if (!message.isError) return { ended: "exited", exitCode: 0 };
  // Ours stands behind all that the command itself has written.
  const code = [...message.text.matchAll(/^\[exit code (\d+)\]/gm)].at(-1)?.[1];
  if (code !== undefined) return { ended: "exited", exitCode: Number(code) };
  return { ended: /^\[(?:stopped after|ended by) /m.test(message.text) ? "stopped" : "unknown", exitCode: null };
}

/** The command, the path or the address of a call: not what it would write. */
function whatOf({ input }: ToolCall): string {
  for (const field of ["command", "path", "url", "file", "task", "action"]) {
    const text = textOf(input, field);
    if (text !== undefined) return text;
  }
  return "";
}

function textOf(input: unknown, field: string): string | undefined {
  const value = typeof input === "object" && input !== null ? (input as Record<string, unknown>)[field] : undefined;
  return typeof value === "string" ? value : undefined;
}

function add<T>(list: T[], entry: T): void {
  if (list.length < MOST_KEPT) list.push(entry);
}
