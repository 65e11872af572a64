import type { Attachment } from "../../../../protocol/message.ts";
import type { SendRequest } from "../../../../protocol/run.ts";
import { type Content, numbered } from "./content.ts";
import type { Item } from "./items.ts";

const INSTRUCTIONS = "Instructions of this conversation:\n\n";
const BEFORE = "The conversation so far:\n\n";
const TO_ANSWER = "\n\nThe message to answer:\n\n";
const GO_ON = "(None: the results above have come. Go on from them.)";

/** Whether a message is one that told instructions. */
export function tellsInstructions(text: string): boolean {
  return text.startsWith(INSTRUCTIONS);
}

/** The instructions that a message told, as they were told. */
export function toldInstructions(text: string): string {
  return text.split(`\n\n${BEFORE}`, 1)[0]!.split(TO_ANSWER, 1)[0]!;
}

export function toInstructions(items: Item[]): string {
  const texts = items.flatMap((item) => (item.kind === "instruction" && item.text !== "" ? [item.text] : []));
  return texts.length > 0 ? `${INSTRUCTIONS}${texts.join("\n\n")}` : "";
}

export function toText(instructions: string, before: string, text: string): string {
  const parts = [instructions, before].filter(Boolean);
  return parts.length === 0 ? text : `${parts.join("\n\n")}${TO_ANSWER}${text}`;
}

export function attached(attachments: Attachment[]): Pick<SendRequest, "attachments"> {
  return attachments.length > 0 ? { attachments } : {};
}

type Told = Pick<SendRequest, "text" | "attachments">;

/** All that was said before in one message, calls, results and images too: each image is named where it was shown. */
export function wholeConversation(items: Item[]): Told {
  return toldOnly(items, toInstructions(items));
}

/** The same of a part of it, with other instructions. */
export function toldOnly(items: Item[], instructions: string): Told {
  const last = items.findLastIndex((item) => item.kind === "said" && item.role === "user");
  const after = items.slice(last + 1).filter(({ kind }) => kind !== "instruction");
  const message = after.length > 0 ? undefined : items[last];
  const attachments: Attachment[] = [];
  const nameAll = (given: Attachment[]): string[] =>
    given.map((attachment) => {
      const named = numbered(attachment, attachments.length);
      attachments.push(named);
      return `[${named.name}]`;
    });
  const names = new Map(items.flatMap((item) => (item.kind === "call" ? [[item.id, item.name] as const] : [])));
  const told = ({ text, attachments: given }: Content): string => [text, ...nameAll(given)].filter(Boolean).join(" ");
  const lines = items.flatMap((item): string[] => {
    if (item === message || item.kind === "instruction") return [];
    if (item.kind === "said") {
      const words = told(item.content);
      return words === "" ? [] : [`${item.role}: ${words}`];
    }
    if (item.kind === "call") return [`assistant called ${item.name} (${item.id}) with: ${item.input}`];
    if (item.kind === "thought") return [`assistant thought: ${item.text}`];
    return [`result of ${names.get(item.id) ?? "a call"} (${item.id}): ${told(item.content)}`];
  });
  const words = message?.kind === "said" ? message.content : undefined;
  if (words) nameAll(words.attachments);
  const before = lines.length > 0 ? `${BEFORE}${lines.join("\n\n")}` : "";
  return { text: toText(instructions, before, words ? words.text : GO_ON), ...attached(attachments) };
}
