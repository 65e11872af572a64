import { batch, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ContextRef } from "../../src/protocol/panel/contextRef.ts";
import type { Attachment } from "../../src/protocol/message.ts";
import type { StoredDraft, ViewMemory } from "./viewState.ts";

/** All that a message is sent with. */
export type Written = Required<StoredDraft>;

/** What stands in the composer, and what it can be asked. */
export interface Draft {
  text: Signal<string>;
  attachments: Signal<Attachment[]>;
  refs: Signal<ContextRef[]>;
  /** It was sent while nothing could take it: it goes once that is possible. */
  isWaiting: Signal<boolean>;
  /** What was written before it was known which session is begun with belongs to that one. */
  moveTo(key: string): () => void;
  attach(...added: Attachment[]): void;
  mention(...added: ContextRef[]): void;
  /** Puts text after what is there. */
  append(more: string): void;
  detach(attachment: Attachment): void;
  forget(ref: ContextRef): void;
  /** Takes the last chip off; false when there is none. */
  dropLast(): boolean;
  /** What it holds, as it would be sent. */
  written(): Written;
  /** Empties it and gives what it held. */
  take(): Written;
  /** Puts what was taken before what is written by now in the session that it was taken in. */
  restore(taken: Written, of?: string): void;
  /** A message was taken by the gateway: should it be edited while it waits, its chips are there again. */
  sent(runId: string, sentRefs: ContextRef[]): void;
  /** A message that waited is written on: its chips are read again when it is sent, all else is as it was. */
  edit(runId: string, queued: string, sentWith: Attachment[]): void;
}

// Drafts of this many sessions are kept over a reload, and the chips of as many queued messages.
const KEPT = 30;

/** The composer's parts, with the session that they are shown for. */
interface Shown extends Pick<Draft, "text" | "attachments" | "refs" | "isWaiting"> {
  memory: ViewMemory;
  sessionKey: ReadonlySignal<string>;
  key: string;
}

/** What the composer holds: each session has its own, and finds it again after a reload. */
export function createDraft(memory: ViewMemory, sessionKey: ReadonlySignal<string>): Draft {
  const first = toWritten(memory.state.drafts[sessionKey.value]);
  const text = signal(first.text);
  const attachments = signal(first.attachments);
  const refs = signal(first.refs);
  const isWaiting = signal(false);
  const shown: Shown = { text, attachments, refs, isWaiting, memory, sessionKey, key: sessionKey.value };
  effect(() => follow(shown, sessionKey.value));
  for (const part of [text, attachments, refs]) part.subscribe(() => keep(shown));
  return {
    ...{ text, attachments, refs, isWaiting },
    moveTo: (key) => moveTo(shown, key),
    attach: (...added) => attach(shown, added),
    mention: (...added) => mention(shown, added),
    append: (more) => append(shown, more),
    detach(attachment) {
      attachments.value = attachments.value.filter((other) => other !== attachment);
    },
    forget(ref) {
      refs.value = refs.value.filter((other) => other !== ref);
    },
    dropLast: () => dropLast(shown),
    written: () => written(shown),
    take() {
      const taken = written(shown);
      isWaiting.value = false;
      put(shown, toWritten(undefined));
      return taken;
    },
    restore: (taken, of = shown.key) => restore(shown, taken, of),
    sent(runId, sentRefs) {
      if (sentRefs.length > 0) memory.update({ queuedRefs: newest({ ...memory.state.queuedRefs, [runId]: sentRefs }) });
    },
    edit: (runId, queued, sentWith) => edit(shown, runId, queued, sentWith),
  };
}

function now({ text, attachments, refs }: Shown): Written {
  return { text: text.value, attachments: attachments.value, refs: refs.value };
}

function written(shown: Shown): Written {
  return { ...now(shown), text: shown.text.value.trim() };
}

function put({ text, attachments, refs }: Shown, next: Written): void {
  batch(() => {
    text.value = next.text;
    attachments.value = next.attachments;
    refs.value = next.refs;
  });
}

/** Another session is shown, with what was written for it. */
function follow(shown: Shown, next: string): void {
  if (next === shown.key) return;
  shown.isWaiting.value = false;
  shown.key = next;
  put(shown, toWritten(shown.memory.state.drafts[next]));
}

function keep(shown: Shown): void {
  const { memory, key } = shown;
  const { [key]: _before, ...others } = memory.state.drafts;
  const { text, attachments, refs } = now(shown);
  const isEmpty = text === "" && attachments.length + refs.length === 0;
  memory.update({ drafts: newest(isEmpty ? others : { ...others, [key]: { text, attachments, refs } }) });
}

function moveTo(shown: Shown, key: string): () => void {
  const isSent = shown.isWaiting.value;
  const moved = now(shown);
  put(shown, toWritten(undefined));
  return () => {
    if (shown.sessionKey.value !== key) return;
    put(shown, moved);
    shown.isWaiting.value = isSent;
  };
}

function attach({ attachments }: Shown, added: Attachment[]): void {
  const isNew = ({ name, data }: Attachment) =>
    !attachments.value.some((other) => name === other.name && data === other.data);
  attachments.value = [...attachments.value, ...added.filter(isNew)];
}

function mention({ refs }: Shown, added: ContextRef[]): void {
  const isNew = ({ label }: ContextRef) => !refs.value.some((other) => other.label === label);
  refs.value = [...refs.value, ...added.filter(isNew)];
}

function append({ text }: Shown, more: string): void {
  text.value = text.value.trim() === "" ? more : `${text.value.trimEnd()}\n\n${more}`;
}

function dropLast({ attachments, refs }: Shown): boolean {
  if (refs.value.length > 0) refs.value = refs.value.slice(0, -1);
  else if (attachments.value.length > 0) attachments.value = attachments.value.slice(0, -1);
  else return false;
  return true;
}

function restore(shown: Shown, taken: Written, of: string): void {
  if (of === shown.key) return put(shown, joined(taken, now(shown)));
  const { memory } = shown;
  const { [of]: later, ...others } = memory.state.drafts;
  memory.update({ drafts: newest({ ...others, [of]: joined(taken, toWritten(later)) }) });
}

function edit(shown: Shown, runId: string, queued: string, sentWith: Attachment[]): void {
  const known = shown.memory.state.queuedRefs[runId] ?? [];
  batch(() => {
    append(shown, queued);
    mention(shown, known);
    attach(
      shown,
      sentWith.filter(({ name }) => !known.some(({ label }) => label.slice(0, 255) === name)),
    );
  });
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
