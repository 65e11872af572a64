import { batch, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Attachment } from "../../src/protocol/message.ts";
import type { ViewMemory } from "./viewState.ts";

export type Draft = ReturnType<typeof createDraft>;

// Drafts of this many sessions are kept over a reload.
const KEPT = 30;

/** What the composer holds: each session has its own, and finds it again after a reload. */
export function createDraft(memory: ViewMemory, sessionKey: ReadonlySignal<string>) {
  const first = memory.state.drafts[sessionKey.value];
  const text = signal(first?.text ?? "");
  const attachments = signal<Attachment[]>(first?.attachments ?? []);
  let shown = sessionKey.value;

  const keep = (): void => {
    const { [shown]: _before, ...others } = memory.state.drafts;
    const isEmpty = text.value === "" && attachments.value.length === 0;
    const drafts = isEmpty ? others : { ...others, [shown]: { text: text.value, attachments: attachments.value } };
    memory.update({ drafts: Object.fromEntries(Object.entries(drafts).slice(-KEPT)) });
  };
  effect(() => {
    const next = sessionKey.value;
    if (next === shown) return;
    shown = next;
    const draft = memory.state.drafts[next];
    batch(() => {
      text.value = draft?.text ?? "";
      attachments.value = draft?.attachments ?? [];
    });
  });
  text.subscribe(keep);
  attachments.subscribe(keep);
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
