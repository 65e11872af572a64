import { defined } from "../base/defined.ts";
import type { Output, Routes } from "./routeClient.ts";

export type ExportFormat = "markdown" | "json";

/** What of a gateway an export asks. */
export interface ExportSource {
  status(of: { sessionKey: string }): Promise<Output<"session.status">>;
  history(of: Routes["sessions.history"]["input"]): Promise<Output<"sessions.history">>;
}

type Status = Output<"session.status">;
type Entry = Output<"sessions.history">["messages"][number];

// A page of a WebSocket is one frame.
const PAGE = 200;

/** A session with all its messages as one text: Markdown to be read, JSON as the gateway tells it. */
export async function exportSession(
  source: ExportSource,
  sessionKey: string,
  format: ExportFormat,
): Promise<{ text: string; count: number; title: string | null }> {
  const status = await source.status({ sessionKey });
  const pages: Entry[][] = [];
  for (let before: number | undefined; ;) {
    const { messages, hasMore } = await source.history({
      sessionKey,
      limit: PAGE,
      includeTools: true,
      ...defined({ before }),
    });
    pages.unshift(messages);
    before = messages[0]?.seq;
    if (!hasMore || before === undefined) break;
  }
  const messages = pages.flat();
  const text = format === "json" ? toJson(status, messages) : toMarkdown(status, messages);
  return { text, count: messages.length, title: status.title };
}

function toJson(status: Status, messages: Entry[]): string {
  const { sessionKey: key, title, kind, model, workspace, createdAt, updatedAt, usage } = status;
  return `${JSON.stringify({ session: { key, title, kind, model, workspace, createdAt, updatedAt, usage }, messages }, null, 2)}\n`;
}

function toMarkdown({ sessionKey, title, model, workspace, createdAt }: Status, messages: Entry[]): string {
  const facts = [`Session ${sessionKey}`, model, ...(workspace === null ? [] : [workspace]), createdAt];
  return `${[`# ${title ?? sessionKey}`, facts.join(" · "), ...messages.flatMap(toParts)].join("\n\n")}\n`;
}

/** Of an answer that is not whole. */
const ENDED: Record<NonNullable<Entry["ended"]>, string> = {
  stopped: "stopped",
  length: "cut at its model's output limit",
  refused: "declined",
};

const CUT: Record<NonNullable<Entry["cutBy"]>, string> = {
  time_limit: "stopped at the time limit",
  fault: "cut short by a fault",
};

function toParts(entry: Entry): string[] {
  const { role, text, createdAt, origin, model, name, toolCalls = [], attachments = [], isError, ended, cutBy } = entry;
  switch (role) {
    case "user":
      return [
        `## User (${[origin?.rehearsal ? `${origin.via}, rehearsed` : origin?.via, createdAt].filter(Boolean).join(", ")})`,
        ...(attachments.length > 0 ? [`With ${attachments.map((one) => one.name).join(", ")}`] : []),
        text,
      ];
    case "assistant":
      return [
        `## Assistant (${[model, createdAt, cutBy ? CUT[cutBy] : ended && ENDED[ended]].filter(Boolean).join(", ")})`,
        ...(text === "" ? [] : [text]),
        ...toolCalls.map((call) => `**${call.name}**\n\n${fenced(JSON.stringify(call.input, null, 2) ?? "", "json")}`),
      ];
    case "tool":
      return [`### ${isError ? "Error" : "Result"} of ${name ?? "a tool"}`, fenced(text)];
    case "system":
      return [`*${text.trim()}*`];
  }
}

/** A fence longer than any in the text, so that nothing in it ends it. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}
