import type { Attachment, Message } from "../../protocol/message.ts";
import { headOf } from "../../base/cutText.ts";

/** A history in a form that more providers take. */
export type Plainer = (messages: Message[]) => Message[];

const MAX_INPUT_CHARS = 2000;

/**
 * A history that no provider has a reason to refuse: texts only. Images become a line each, calls and their results are
 * told as text, and nothing of a provider's own form is left.
 */
export function toPlainHistory(messages: Message[]): Message[] {
  return withoutImages(messages).map((message): Message => {
    if (message.role === "user") {
      const { attachments } = message;
      if (!attachments) return message;
      const texts = attachments.filter(({ mediaType }) => mediaType !== "application/pdf");
      const lines = attachments.filter((attachment) => !texts.includes(attachment)).map(toLine);
      return { ...message, text: [...lines, message.text].filter(Boolean).join("\n"), attachments: texts };
    }
    if (message.role !== "assistant") return message;
    const { native: _native, thinking: _thinking, ...rest } = message;
    const calls = message.toolCalls.map(
      ({ name, input }) => `[called ${name} with ${headOf(JSON.stringify(input) ?? "", MAX_INPUT_CHARS)}]`,
    );
    return { ...rest, text: [message.text, ...calls].filter(Boolean).join("\n"), toolCalls: [] };
  });
}

/** The same history, its images told as a line of text each; the same array when there are none. */
export function withoutImages(messages: Message[]): Message[] {
  if (!messages.some((message) => imagesOf(message).length > 0)) return messages;
  return messages.map((message): Message => {
    const images = imagesOf(message);
    if (images.length === 0) return message;
    const text = [...images.map(toLine), message.text].filter(Boolean).join("\n");
    if (message.role === "user")
      return { ...message, text, attachments: (message.attachments ?? []).filter((one) => !images.includes(one)) };
    const { images: _images, ...rest } = message as Extract<Message, { role: "tool" }>;
    return { ...rest, text };
  });
}

function imagesOf(message: Message): Attachment[] {
  const all = message.role === "user" ? message.attachments : message.role === "tool" ? message.images : undefined;
  return (all ?? []).filter(({ mediaType }) => /^image\/(?!svg)/.test(mediaType));
}

function toLine({ name, mediaType }: Attachment): string {
  return `[${mediaType.startsWith("image/") ? "The image" : "The file"} ${name} is not shown to this model]`;
}
