import { signal } from "@preact/signals";
import type { Attachment } from "../../src/protocol/message.ts";
import type { ViewMemory } from "./viewState.ts";

export type Draft = ReturnType<typeof createDraft>;

/** What the composer holds: text that survives a reload, and attachments that do not. */
export function createDraft(memory: ViewMemory) {
  const text = signal(memory.state.draft);
  const attachments = signal<Attachment[]>([]);
  text.subscribe((draft) => memory.update({ draft }));
  return {
    text,
    attachments,
    /** Puts text after what is there. */
    append(more: string) {
      text.value = text.value.trim() === "" ? more : `${text.value.trimEnd()}\n\n${more}`;
    },
    attach(...added: Attachment[]) {
      const isNew = (attachment: Attachment) =>
        !attachments.value.some(({ name, data }) => name === attachment.name && data === attachment.data);
      attachments.value = [...attachments.value, ...added.filter(isNew)];
    },
    detach(attachment: Attachment) {
      attachments.value = attachments.value.filter((other) => other !== attachment);
    },
    /** Empties it and gives what it held. */
    take() {
      const taken = { text: text.value.trim(), attachments: attachments.value };
      text.value = "";
      attachments.value = [];
      return taken;
    },
    restore(taken: { text: string; attachments: Attachment[] }) {
      text.value = text.value === "" ? taken.text : `${taken.text}\n\n${text.value}`;
      attachments.value = [...taken.attachments, ...attachments.value];
    },
  };
}
