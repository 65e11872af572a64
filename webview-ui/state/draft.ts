import { batch, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { ContextRef } from "../../src/protocol/panel/contextRef.ts";
import type { Attachment } from "../../src/protocol/message.ts";
import type { StoredDraft, ViewMemory } from "./viewState.ts";

export type Draft = ReturnType<typeof createDraft>;

/** All that a message is sent with. */
export type Written = Required<StoredDraft>;

// Drafts of this many sessions are kept over a reload, and the chips of as many queued messages.
const KEPT = 30;

/** What the composer holds: each session has its own, and finds it again after a reload. */
export function createDraft(memory: ViewMemory, sessionKey: ReadonlySignal<string>) {
  const first = toWritten(memory.state.drafts[sessionKey.value]);
  const text = signal(first.text);
  const attachments = signal<Attachment[]>(first.attachments);
  const refs = signal<ContextRef[]>(first.refs);
  /** It was sent while nothing could take it: it goes once that is possible. */
  const isWaiting = signal(false);
  let shown = sessionKey.value;

  const now = (): Written => ({ text: text.value, attachments: attachments.value, refs: refs.value });
  const put = (next: Written): void =>
    batch(() => {
      text.value = next.text;
      attachments.value = next.attachments;
      refs.value = next.refs;
    });
  const keep = (): void => {
    const { [shown]: _before, ...others } = memory.state.drafts;
    const isEmpty = text.value === "" && attachments.value.length + refs.value.length === 0;
    memory.update({ drafts: newest(isEmpty ? others : { ...others, [shown]: now() }) });
  };
  effect(() => {
    const next = sessionKey.value;
    if (next === shown) return;
    isWaiting.value = false;
    shown = next;
    put(toWritten(memory.state.drafts[next]));
  });
  for (const part of [text, attachments, refs]) part.subscribe(keep);
  const attach = (...added: Attachment[]): void => {
    const isNew = ({ name, data }: Attachment) =>
      !attachments.value.some((other) => name === other.name && data === other.data);
    attachments.value = [...attachments.value, ...added.filter(isNew)];
  };
  const mention = (...added: ContextRef[]): void => {
    const isNew = ({ label }: ContextRef) => !refs.value.some((other) => other.label === label);
    refs.value = [...refs.value, ...added.filter(isNew)];
  };
  return {
    text,
    attachments,
    refs,
    isWaiting,
    /** What was written before it was known which session is begun with belongs to that one. */
    moveTo(key: string) {
      const isSent = isWaiting.value;
      const moved = now();
      put(toWritten(undefined));
      return () => {
        if (sessionKey.value !== key) return;
        put(moved);
        isWaiting.value = isSent;
      };
    },
    attach,
    mention,
    /** Puts text after what is there. */
    append(more: string) {
      text.value = text.value.trim() === "" ? more : `${text.value.trimEnd()}\n\n${more}`;
    },
    detach(attachment: Attachment) {
      attachments.value = attachments.value.filter((other) => other !== attachment);
    },
    forget(ref: ContextRef) {
      refs.value = refs.value.filter((other) => other !== ref);
    },
    /** Takes the last chip off; false when there is none. */
    dropLast(): boolean {
      if (refs.value.length > 0) refs.value = refs.value.slice(0, -1);
      else if (attachments.value.length > 0) attachments.value = attachments.value.slice(0, -1);
      else return false;
      return true;
    },
    /** What it holds, as it would be sent. */
    written: (): Written => ({ ...now(), text: text.value.trim() }),
    /** Empties it and gives what it held. */
    take(): Written {
      const taken = this.written();
      isWaiting.value = false;
      put(toWritten(undefined));
      return taken;
    },
    /** Puts what was taken before what is written by now in the session that it was taken in. */
    restore(taken: Written, of = shown) {
      if (of === shown) return put(joined(taken, now()));
      const { [of]: later, ...others } = memory.state.drafts;
      memory.update({ drafts: newest({ ...others, [of]: joined(taken, toWritten(later)) }) });
    },
    /** A message was taken by the gateway: should it be edited while it waits, its chips are there again. */
    sent(runId: string, sentRefs: ContextRef[]) {
      if (sentRefs.length > 0) memory.update({ queuedRefs: newest({ ...memory.state.queuedRefs, [runId]: sentRefs }) });
    },
    /** A message that waited is written on: its chips are read again when it is sent, all else is as it was. */
    edit(runId: string, queued: string, sentWith: Attachment[]) {
      const known = memory.state.queuedRefs[runId] ?? [];
      batch(() => {
        this.append(queued);
        mention(...known);
        attach(...sentWith.filter(({ name }) => !known.some(({ label }) => label.slice(0, 255) === name)));
      });
    },
  };
}

function joined(first: Written, then: Written): Written {
  return {
    text: [first.text, then.text].filter((one) => one !== "").join("\n\n"),
    attachments: [...first.attachments, ...then.attachments],
    refs: [...first.refs, ...then.refs],
  };
}

function newest<T>(entries: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).slice(-KEPT));
}

function toWritten(draft: StoredDraft | undefined): Written {
  return { text: draft?.text ?? "", attachments: draft?.attachments ?? [], refs: draft?.refs ?? [] };
}
