import type { AssistantMessage, Attachment, Message, ToolCall, ToolMessage } from "../../protocol/message.ts";

/** A history as every model API wants it: user first and last, sides alternating, one result for each call. */
export type Exchange = UserTurn | AssistantTurn;

export interface UserTurn {
  role: "user";
  parts: UserPart[];
}

export type UserPart = { type: "text"; text: string } | { type: "attachment"; attachment: Attachment };

export interface AssistantTurn {
  role: "assistant";
  message: AssistantMessage;
  /** In the order of the calls. */
  results: ToolMessage[];
}

/**
 * Repairs what APIs would refuse: calls without a result get one that says so, results without a call become text,
 * empty answers go. Gateway notes become user text marked as such. Append-only: what is repaired stays the same in
 * later requests, so that caches and signed thinking stay valid.
 */
export function toExchanges(messages: Message[]): Exchange[] {
  const turns: Exchange[] = [];
  const taken = new Set<Message>();
  const say = (...parts: UserPart[]) => {
    const last = turns.at(-1);
    if (last?.role === "user") last.parts.push(...parts);
    else turns.push({ role: "user", parts });
  };
  for (const [index, message] of messages.entries()) {
    if (taken.has(message)) continue;
    if (message.role === "user") say(...userParts(message.text, message.attachments));
    else if (message.role === "system") say({ type: "text", text: mark(message.text, message.kind) });
    else if (message.role === "tool")
      say({ type: "text", text: `[Result of a call of ${message.name} that is no longer shown]\n${message.text}` });
    else if (!isEmpty(message)) {
      if (turns.length === 0) say({ type: "text", text: "[The history before this is no longer shown.]" });
      // Two answers in a row come from a stopped run: the APIs want a word in between.
      else if (needsUser(turns.at(-1))) say({ type: "text", text: "[The run was stopped here.]" });
      turns.push({ role: "assistant", message, results: resultsOf(message, messages, index, taken) });
    }
  }
  if (needsUser(turns.at(-1))) say({ type: "text", text: "[Go on.]" });
  return turns;
}

/** The provider's own blocks of a message, if it came from this provider (and, when given, this model). */
export function nativeOf<T>(message: AssistantMessage, provider: string, model?: string): T | undefined {
  if (message.native?.provider !== provider) return undefined;
  if (model !== undefined && message.model !== `${provider}/${model}`) return undefined;
  return message.native.content as T;
}

/** Calls of an assistant turn as the APIs take them: inputs are objects, whatever the model wrote. */
export function inputOf(call: ToolCall): Record<string, unknown> {
  const { input } = call;
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as Record<string, unknown>;
  return input === undefined || input === null ? {} : { invalid: input };
}

export function isImage(attachment: Attachment): boolean {
  return /^image\/(png|jpeg|gif|webp)$/.test(attachment.mediaType);
}

/** What a model without eyes for this kind of file is told in its place. */
export function notShown(attachment: Attachment): string {
  return `[Attachment ${attachment.name} (${attachment.mediaType}) cannot be shown to this model]`;
}

function needsUser(last: Exchange | undefined): boolean {
  return last === undefined || (last.role === "assistant" && last.results.length === 0);
}

function userParts(text: string, attachments: Attachment[] = []): UserPart[] {
  const parts: UserPart[] = attachments.map((attachment) =>
    attachment.mediaType.startsWith("text/") || attachment.mediaType === "application/json"
      ? {
          type: "text",
          text: `<attachment name=${JSON.stringify(attachment.name)}>\n${attachment.data}\n</attachment>`,
        }
      : { type: "attachment", attachment },
  );
  if (text.trim()) parts.push({ type: "text", text });
  return parts.length > 0 ? parts : [{ type: "text", text: "[empty message]" }];
}

function mark(text: string, kind: "event" | "summary"): string {
  return kind === "summary"
    ? `<summary-of-earlier-history>\n${text}\n</summary-of-earlier-history>`
    : `<system-event>\n${text}\n</system-event>`;
}

function isEmpty(message: AssistantMessage): boolean {
  return !message.text.trim() && message.toolCalls.length === 0;
}

function resultsOf(message: AssistantMessage, messages: Message[], index: number, taken: Set<Message>): ToolMessage[] {
  return message.toolCalls.map((call) => {
    const found = messages.find(
      (other, at): other is ToolMessage =>
        at > index && other.role === "tool" && other.callId === call.id && !taken.has(other),
    );
    if (found) taken.add(found);
    return (
      found ?? {
        role: "tool",
        callId: call.id,
        name: call.name,
        isError: true,
        text: "Interrupted: no result was recorded, and whether the call had an effect is unknown.",
      }
    );
  });
}
