import { isAppError } from "../../../base/appError.ts";
import { readMovedLine } from "../../../base/input/readMovedLine.ts";
import type { MovedMessage } from "../../../protocol/written/movedLine.ts";
import { type FileLine, fileLines } from "../fileLines.ts";
import { record, text } from "./jobTakenOver.ts";

type Given = Record<string, unknown>;
type Message = MovedMessage["message"];

/** What of a transcript becomes messages here, and how many of its lines do not. */
export interface Transcript {
  messages: { at: string; id: string; message: Message }[];
  startedAt?: string;
  cwd?: string;
  /** Lines that are no JSON, or nothing that was said. */
  broken: number;
  leftOut: number;
}

const EPOCH = "1970-01-01T00:00:00.000Z";

/**
 * Reads a transcript: its entries are a tree, and what counts is the branch that ends with the last of them. Lines that are
 * broken are passed over and counted.
 */
export async function readTranscript(path: string): Promise<Transcript> {
  const entries: Given[] = [];
  const read: Transcript = { messages: [], broken: 0, leftOut: 0 };
  const lines = fileLines(path);
  for (;;) {
    let next: IteratorResult<FileLine>;
    try {
      next = await lines.next();
    } catch (error) {
      // What comes behind a line that cannot be read is not known.
      if (!isAppError(error)) throw error;
      read.broken += 1;
      break;
    }
    if (next.done) break;
    const entry = parsed(next.value.text);
    if (!entry) read.broken += 1;
    else if (entry["type"] === "session") {
      read.startedAt ??= toIso(entry["timestamp"]);
      if (text(entry["cwd"])) read.cwd ??= text(entry["cwd"])!;
    } else entries.push(entry);
  }
  for (const entry of branchOf(entries)) {
    const message = entry["type"] === "message" ? toMessage(record(entry["message"])) : undefined;
    if (!message) {
      if (entry["type"] === "message") read.leftOut += 1;
      continue;
    }
    const at = toIso(entry["timestamp"]) ?? toIso(record(entry["message"])["timestamp"]) ?? EPOCH;
    read.messages.push({ at, id: text(entry["id"]) ?? String(read.messages.length), message });
  }
  read.messages = closed(read.messages);
  return read;
}

function parsed(line: string): Given | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Given) : undefined;
  } catch {
    return undefined;
  }
}

/** From the last entry up to the first; entries without ids follow one another. */
function branchOf(entries: Given[]): Given[] {
  if (entries.some((entry) => !("parentId" in entry))) return entries;
  const parents = entries.map(() => -1);
  const places = new Map<unknown, number>();
  for (const [at, { id, parentId }] of entries.entries()) {
    // What comes later is nobody's parent, so no ring is walked; where a line is broken, what stands before it is the best guess.
    if (parentId !== null) parents[at] = places.get(parentId) ?? at - 1;
    if (id !== undefined) places.set(id, at);
  }
  const branch: Given[] = [];
  for (let at = entries.length - 1; at >= 0; at = parents[at]!) branch.push(entries[at]!);
  return branch.toReversed();
}

function toMessage(given: Given): Message | undefined {
  const role = text(given["role"]);
  const said = textsOf(given["content"]);
  const images = imagesOf(given["content"]);
  const files = images.length > 0 ? images : undefined;
  const candidate =
    role === "user"
      ? { role, text: said, origin: { via: "api" }, ...(files ? { attachments: files } : {}) }
      : role === "assistant"
        ? assistant(given, said)
        : role === "toolResult"
          ? {
              role: "tool",
              callId: text(given["toolCallId"]) ?? "",
              name: text(given["toolName"]) ?? "tool",
              text: said,
              isError: given["isError"] === true,
              ...(files ? { images: files } : {}),
            }
          : undefined;
  try {
    if (!candidate) return undefined;
    // As it will be read: what is no message is left out here, and fails no import later.
    const line = { type: "message", sessionKey: "s", n: 0, at: EPOCH, runId: "r", message: candidate };
    const read = readMovedLine(JSON.stringify(line));
    return read.type === "message" ? read.message : undefined;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return undefined;
  }
}

function assistant(given: Given, said: string) {
  const parts = Array.isArray(given["content"]) ? given["content"].map(record) : [];
  const calls = parts.filter(({ type }) => type === "toolCall");
  const thinking = parts
    .flatMap((part) => (part["type"] === "thinking" ? (text(part["thinking"]) ?? []) : []))
    .join("\n");
  const usage = record(given["usage"]);
  const count = (name: string) =>
    Number.isInteger(usage[name]) && (usage[name] as number) >= 0 ? (usage[name] as number) : 0;
  const cost = record(usage["cost"])["total"];
  return {
    role: "assistant",
    text: said,
    ...(thinking === "" ? {} : { thinking }),
    toolCalls: calls.map((part) => ({
      id: text(part["id"]) ?? "",
      name: text(part["name"]) ?? "tool",
      input: part["arguments"] ?? {},
    })),
    model: [text(given["provider"]), text(given["model"])].filter(Boolean).join("/") || "openclaw/unknown",
    ...("input" in usage || "output" in usage
      ? {
          usage: {
            inputTokens: count("input"),
            outputTokens: count("output"),
            cacheReadTokens: count("cacheRead"),
            cacheWriteTokens: count("cacheWrite"),
            costUsd: typeof cost === "number" && cost > 0 ? cost : null,
          },
        }
      : {}),
  };
}

function textsOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map(record)
    .flatMap((part) => (part["type"] === "text" && typeof part["text"] === "string" ? [part["text"]] : []))
    .join("\n");
}

function imagesOf(content: unknown) {
  if (!Array.isArray(content)) return [];
  return content.map(record).flatMap((part, at) => {
    const [data, mediaType] = [text(part["data"]), text(part["mimeType"])];
    return part["type"] === "image" && data && /^image\/(?:png|jpeg|gif|webp)$/.test(mediaType ?? "")
      ? [{ name: `image-${at + 1}.${mediaType!.split("/")[1]}`, mediaType: mediaType!, data }]
      : [];
  });
}

/** Calls get a result where the transcript has none, and results without a call go: no model takes a history with either. */
function closed(messages: Transcript["messages"]): Transcript["messages"] {
  const whole: Transcript["messages"] = [];
  let open: { id: string; name: string }[] = [];
  let last: Transcript["messages"][number] | undefined;
  let step = "";
  const close = () => {
    for (const { id, name } of open)
      whole.push({
        at: last!.at,
        id: `${step}-${id}`,
        message: {
          role: "tool",
          callId: id,
          name,
          text: "The transcript has no result of this call.",
          isError: true,
          notRun: "stopped",
        },
      });
    open = [];
  };
  for (const one of messages) {
    const { message } = one;
    if (message.role === "tool") {
      if (!open.some(({ id }) => id === message.callId)) continue;
      open = open.filter(({ id }) => id !== message.callId);
      // Of its call: one that comes only after an import is known as the one that was said to be missing.
      whole.push({ ...one, id: `${step}-${message.callId}` });
      last = one;
      continue;
    }
    close();
    whole.push(one);
    last = one;
    if (message.role !== "assistant") continue;
    open = message.toolCalls.map(({ id, name }) => ({ id, name }));
    step = one.id;
  }
  close();
  return whole;
}

export function toIso(value: unknown): string | undefined {
  const ms = typeof value === "number" ? value : typeof value === "string" ? Date.parse(value) : Number.NaN;
  return ms > 0 && ms < 8e15 ? new Date(ms).toISOString() : undefined;
}
