import { isTextType } from "../../base/attachments/mediaType.ts";
import type {
  AssistantMessage,
  Attachment,
  Message,
  SystemMessage,
  ToolCall,
  ToolMessage,
} from "../../protocol/message.ts";
import { toCallName } from "./callIds.ts";
import { fitImage, type ImageLimits, imagesOf, isImage } from "./imageLimits.ts";

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
 * calls with an id that was there before get another, images that the API does not take become a line of text, empty
 * answers go. Gateway notes become user text marked as such. Append-only: what is repaired stays the same in later
 * requests, so that caches and signed thinking stay valid. With `before`, the ids of all calls in what comes before
 * these messages, they go on from there, the first of them an answer; their own ids are added.
 */
export function toExchanges(given: Message[], limits: ImageLimits, before?: Set<string>): Exchange[] {
  const turns: Exchange[] = [];
  const taken = new Set<Message>();
  const ids: CallIds = { taken: before ?? new Set<string>(), last: new Map<string, number>() };
  const messages = fitImages(given, limits);
  const say = (...parts: UserPart[]) => {
    const last = turns.at(-1);
    if (last?.role === "user") last.parts.push(...parts);
    else turns.push({ role: "user", parts });
  };
  for (const [index, message] of messages.entries()) {
    if (taken.has(message)) continue;
    if (message.role === "user") say(...userParts(message.text, message.attachments));
    else if (message.role === "system") say({ type: "text", text: enclose(tagOf(message), message.text) });
    else if (message.role === "tool")
      say({ type: "text", text: `[Result of a call of ${message.name} that is no longer shown]\n${message.text}` });
    else if (!isEmpty(message)) {
      if (turns.length === 0 && !before) say({ type: "text", text: "[The history before this is no longer shown.]" });
      // Two answers in a row, the first of them cut off: the APIs want a word in between.
      else if (turns.length > 0 && needsUser(turns.at(-1))) say({ type: "text", text: "[The answer ends here.]" });
      turns.push(toAssistantTurn(message, resultsOf(message, messages, index, taken), ids));
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

/** What a model without eyes for this kind of file is told in its place. */
export function notShown(attachment: Attachment): string {
  return `[Attachment ${attachment.name} (${attachment.mediaType}) cannot be shown to this model]`;
}

function needsUser(last: Exchange | undefined): boolean {
  return last === undefined || (last.role === "assistant" && last.results.length === 0);
}

function userParts(text: string, attachments: Attachment[] = []): UserPart[] {
  const parts: UserPart[] = attachments.map((attachment) =>
    isTextType(attachment.mediaType)
      ? { type: "text", text: enclose("attachment", attachment.data, ` name=${JSON.stringify(attachment.name)}`) }
      : { type: "attachment", attachment },
  );
  if (text.trim()) parts.push({ type: "text", text });
  return parts.length > 0 ? parts : [{ type: "text", text: "[empty message]" }];
}

const TAGS: Record<SystemMessage["kind"], string> = {
  event: "system-event",
  summary: "summary-of-earlier-history",
  instructions: "instructions",
  skill: "skill",
  plan: "accepted-plan",
};

/** That a plan is over is no plan. */
function tagOf({ kind, place }: SystemMessage): string {
  return kind === "plan" && place === "ended" ? TAGS.event : TAGS[kind];
}

/** A text between tags that it cannot end by itself. */
function enclose(name: string, text: string, fields = ""): string {
  let tag = name;
  for (let count = 2; text.includes(`</${tag}`); count++) tag = `${name}-${count}`;
  return `<${tag}${fields}>\n${text}\n</${tag}>`;
}

/** An answer that is left out. */
export function isEmpty(message: AssistantMessage): boolean {
  return !message.text.trim() && message.toolCalls.length === 0;
}

/** In the order of the calls: the results that came before the next answer. */
function resultsOf(message: AssistantMessage, messages: Message[], index: number, taken: Set<Message>): ToolMessage[] {
  if (message.toolCalls.length === 0) return [];
  const between: ToolMessage[] = [];
  for (let at = index + 1; at < messages.length; at++) {
    const other = messages[at]!;
    if (other.role === "assistant") break;
    if (other.role === "tool") between.push(other);
  }
  return message.toolCalls.map((call) => {
    const found = between.find((other) => other.callId === call.id && !taken.has(other));
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

interface CallIds {
  taken: Set<string>;
  /** The last number that was put to an id: all below are taken. */
  last: Map<string, number>;
}

/** The id, or where it is taken the first free one of it with a number; some servers give the same to every call. */
function freeId(given: string, { taken, last }: CallIds): string {
  let id = given;
  for (let count = last.get(given) ?? 2; taken.has(id); count++) {
    id = `${given}_${count}`;
    last.set(given, count);
  }
  taken.add(id);
  return id;
}

/** Every call with an id of its own in the whole history, and a name that can be sent. */
function toAssistantTurn(message: AssistantMessage, results: ToolMessage[], ids: CallIds): AssistantTurn {
  if (message.toolCalls.length === 0) return { role: "assistant", message, results };
  const calls = message.toolCalls.map((call) => ({
    ...call,
    id: freeId(call.id || "call", ids),
    name: toCallName(call.name),
  }));
  return {
    role: "assistant",
    message: { ...message, toolCalls: calls },
    results: results.map((result, at) => ({ ...result, callId: calls[at]!.id, name: calls[at]!.name })),
  };
}

/** Counts from the newest back, because those are what is spoken of. */
function fitImages(messages: Message[], limits: ImageLimits): Message[] {
  const shown = messages.reduce((sum, message) => sum + imagesOf(message).length, 0);
  if (shown === 0) return messages;
  let left = limits.count;
  const fit = (all: Attachment[]) => {
    const lines: string[] = [];
    const kept = all.toReversed().flatMap((attachment) => {
      if (!isImage(attachment)) return [attachment];
      left -= 1;
      const fitted =
        left < 0
          ? `[The image ${attachment.name} is not shown: ${limits.count} in one request is the limit]`
          : fitImage(attachment, limits, shown);
      if (typeof fitted !== "string") return [fitted];
      lines.unshift(fitted);
      return [];
    });
    return { kept: kept.toReversed(), lines };
  };
  return messages
    .toReversed()
    .map((message): Message => {
      if (imagesOf(message).length === 0) return message;
      if (message.role === "user") {
        const { kept, lines } = fit(message.attachments ?? []);
        return { ...message, attachments: kept, text: [...lines, message.text].filter(Boolean).join("\n") };
      }
      if (message.role !== "tool") return message;
      const { kept, lines } = fit(message.images ?? []);
      return { ...message, images: kept, text: [message.text, ...lines].filter(Boolean).join("\n") };
    })
    .toReversed();
}
