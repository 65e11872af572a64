import { batch, computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { defined } from "../../src/base/defined.ts";
import type { ContextRef } from "../../src/protocol/panel/contextRef.ts";
import type { Attachment } from "../../src/protocol/message.ts";
import type { StoredDraft, ViewMemory } from "./viewState.ts";

/** All that a message is sent with. */
export type Written = Required<Pick<StoredDraft, "text" | "attachments" | "refs">> &
  Pick<StoredDraft, "idempotencyKey">;

/** What stands in the composer, and what it can be asked. */
export interface Draft {
  text: Signal<string>;
  attachments: Signal<Attachment[]>;
  refs: Signal<ContextRef[]>;
  /** It was sent while nothing could take it: it goes once that is possible. */
  isWaiting: Signal<boolean>;
  /** What was written before it was known which session is begun with belongs to that one. */
  moveTo(key: string): () => void;
  /** Puts what was given into the session that it was given to. */
  attach(added: Attachment[], of?: string): void;
  mention(added: ContextRef[], of?: string): void;
  /**
   * Does `work` with what is given to the session that is shown, which sends nothing until it is done; nor then, where it gives false:
   * something could not be read.
   */
  reading(work: (given: Given) => Promise<boolean>): Promise<void>;
  /** Something that was given to the session that is shown is being read. */
  isReading: ReadonlySignal<boolean>;
  /** Its text as it is written on: what waited to be sent no longer does, or half of the next words would go with it. */
  type(next: string): void;
  /** Puts text after what is there, which is then sent by another word. */
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
  /** What is written in another session is written on in the one that is shown. */
  bring(from: string): void;
  /** A message was taken by the gateway: should it be edited while it waits, its chips are there again. */
  sent(runId: string, sentRefs: ContextRef[]): void;
  /** A message that waited in a session is written on there: its chips are read again when it is sent, all else is as it was. */
  edit(queued: Queued, of: string): void;
}

/** A message that waited, with what it was sent with. */
interface Queued {
  runId: string;
  text: string;
  attachments: Attachment[];
}

/** What is given to a session, while it is read. */
interface Given {
  /** The session, which may come to have another key before it is first shown. */
  of: string;
}

// Drafts of this many sessions are kept over a reload, and the chips of as many queued messages.
const KEPT = 30;

/** The composer's parts, with the session that they are shown for. */
interface Shown extends Pick<Draft, "text" | "attachments" | "refs" | "isWaiting"> {
  memory: ViewMemory;
  sessionKey: ReadonlySignal<string>;
  key: string;
  /** As it was sent, and may have been taken. */
  sent?: Written | undefined;
  given: Signal<ReadonlySet<Given>>;
}

/** What the composer holds: each session has its own, and finds it again after a reload. */
export function createDraft(memory: ViewMemory, sessionKey: ReadonlySignal<string>): Draft {
  const stored = memory.state.drafts[sessionKey.value];
  const first = toWritten(stored);
  const text = signal(first.text);
  const attachments = signal(first.attachments);
  const refs = signal(first.refs);
  const isWaiting = signal(stored?.isWaiting ?? false);
  const given = signal<ReadonlySet<Given>>(new Set());
  const parts = { text, attachments, refs, isWaiting, given };
  const shown: Shown = { ...parts, memory, sessionKey, key: sessionKey.value, sent: first };
  effect(() => follow(shown, sessionKey.value));
  for (const part of Object.values(parts)) part.subscribe(() => keep(shown, part === text));
  return {
    ...{ text, attachments, refs, isWaiting },
    moveTo: (key) => moveTo(shown, key),
    attach: (added, of = shown.key) => change(shown, of, (before) => withAttachments(before, added)),
    mention: (added, of = shown.key) => change(shown, of, (before) => withRefs(before, added)),
    reading: (work) => reading(shown, work),
    isReading: computed(() => isReading(shown, sessionKey.value)),
    type(next) {
      batch(() => {
        isWaiting.value = false;
        text.value = next;
      });
    },
    append(more) {
      isWaiting.value = false;
      change(shown, shown.key, (before) => withText(before, more));
    },
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
      put(shown, toWritten(undefined), false);
      return taken;
    },
    restore: (taken, of = shown.key) => change(shown, of, (before) => joined(taken, before)),
    bring: (from) => bring(shown, from),
    sent(runId, sentRefs) {
      if (sentRefs.length > 0) memory.update({ queuedRefs: newest({ ...memory.state.queuedRefs, [runId]: sentRefs }) });
    },
    edit: (queued, of) => edit(shown, queued, of),
  };
}

function now({ text, attachments, refs, sent }: Shown): Written {
  const parts = { text: text.value, attachments: attachments.value, refs: refs.value };
  // What chips mean is read anew, which makes another call of it.
  const isAsSent = parts.text === sent?.text && parts.attachments === sent.attachments && parts.refs.length === 0;
  return { ...parts, ...(isAsSent && defined({ idempotencyKey: sent.idempotencyKey })) };
}

function written(shown: Shown): Written {
  return { ...now(shown), text: shown.text.value.trim() };
}

function put(shown: Shown, next: Written, isWaiting = shown.isWaiting.value): void {
  shown.sent = next;
  batch(() => {
    shown.text.value = next.text;
    shown.attachments.value = next.attachments;
    shown.refs.value = next.refs;
    shown.isWaiting.value = isWaiting;
  });
}

/** Another session is shown, with what was written for it. */
function follow(shown: Shown, next: string): void {
  if (next === shown.key) return;
  shown.key = next;
  const stored = shown.memory.state.drafts[next];
  put(shown, toWritten(stored), stored?.isWaiting ?? false);
}

function keep(shown: Shown, isTyped: boolean): void {
  const { memory, key } = shown;
  const { [key]: _before, ...others } = memory.state.drafts;
  const draft = now(shown);
  // The same words, written once more, are another message.
  if (isEmpty(draft)) shown.sent = undefined;
  // Nor does what is put there next go because of them.
  if (isEmpty(draft) && !isReading(shown, key)) shown.isWaiting.value = false;
  // A page that is loaded anew knows nothing of what was being read, and would send it without.
  const isToGo = shown.isWaiting.value && !isReading(shown, key);
  const stored = isToGo ? { ...draft, isWaiting: true } : draft;
  const isGone = isEmpty(draft);
  memory.update({ drafts: newest(isGone ? others : { ...others, [key]: stored }) }, isTyped && !isGone);
}

/** What is written for a session becomes something else, whether it is shown or not; where `toNext` gives it back it is left as it was. */
function change(shown: Shown, of: string, toNext: (before: Written) => Written): void {
  const { memory } = shown;
  const { [of]: stored, ...others } = memory.state.drafts;
  const before = of === shown.key ? now(shown) : toWritten(stored);
  const next = toNext(before);
  if (next === before) return;
  if (of === shown.key) return put(shown, next);
  const kept = stored?.isWaiting ? { ...next, isWaiting: true } : next;
  memory.update({ drafts: newest({ ...others, [of]: kept }) });
}

async function reading(shown: Shown, work: (given: Given) => Promise<boolean>): Promise<void> {
  const { given } = shown;
  const mine = { of: shown.key };
  given.value = new Set(given.value).add(mine);
  let isRead = false;
  try {
    isRead = await work(mine);
  } finally {
    batch(() => {
      if (!isRead && mine.of === shown.key) shown.isWaiting.value = false;
      given.value = new Set([...given.value].filter((one) => one !== mine));
    });
  }
}

function isReading({ given }: Shown, key: string): boolean {
  return [...given.value].some(({ of }) => of === key);
}

function moveTo(shown: Shown, key: string): () => void {
  const isSent = shown.isWaiting.value;
  const moved = now(shown);
  for (const one of shown.given.value) if (one.of === shown.key) one.of = key;
  put(shown, toWritten(undefined), false);
  return () => {
    if (shown.sessionKey.value === key) put(shown, moved, isSent);
  };
}

function bring(shown: Shown, from: string): void {
  const { memory, key, given } = shown;
  const { [from]: left } = memory.state.drafts;
  // In another session it is another call.
  if (left) change(shown, key, (before) => joined({ ...toWritten(left), idempotencyKey: undefined }, before));
  for (const one of given.value) if (one.of === from) one.of = key;
  given.value = new Set(given.value);
  const { [from]: _brought, ...others } = memory.state.drafts;
  memory.update({ drafts: others });
}

function withAttachments(before: Written, added: Attachment[]): Written {
  const { text, attachments, refs } = before;
  const isNew = ({ name, data }: Attachment) =>
    !attachments.some((other) => name === other.name && data === other.data);
  const more = added.filter(isNew);
  return more.length === 0 ? before : { text, refs, attachments: [...attachments, ...more] };
}

function withRefs(before: Written, added: ContextRef[]): Written {
  const { text, attachments, refs } = before;
  const isNew = ({ label }: ContextRef) => !refs.some((other) => other.label === label);
  const more = added.filter(isNew);
  return more.length === 0 ? before : { text, attachments, refs: [...refs, ...more] };
}

function withText(before: Written, more: string): Written {
  if (more === "") return before;
  const { text, attachments, refs } = before;
  return { text: text.trim() === "" ? more : `${text.trimEnd()}\n\n${more}`, attachments, refs };
}

function dropLast({ attachments, refs }: Shown): boolean {
  if (refs.value.length > 0) refs.value = refs.value.slice(0, -1);
  else if (attachments.value.length > 0) attachments.value = attachments.value.slice(0, -1);
  else return false;
  return true;
}

function edit(shown: Shown, { runId, text, attachments }: Queued, of: string): void {
  const known = shown.memory.state.queuedRefs[runId] ?? [];
  const files = attachments.filter(({ name }) => !known.some(({ label }) => label.slice(0, 255) === name));
  // Behind other words a slash is none.
  const written = (before: Written) =>
    text.startsWith("/") ? joined({ text, attachments: [], refs: [] }, before) : withText(before, text);
  // As what is appended: what waited to be sent is sent with it by another word.
  if (of === shown.key) shown.isWaiting.value = false;
  change(shown, of, (before) => withAttachments(withRefs(written(before), known), files));
}

function joined(first: Written, then: Written): Written {
  if (isEmpty(first)) return then;
  if (isEmpty(then)) return first;
  return {
    text: [first.text, then.text].filter((one) => one !== "").join("\n\n"),
    attachments: [...first.attachments, ...then.attachments],
    refs: [...first.refs, ...then.refs],
  };
}

function newest<T>(entries: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).slice(-KEPT));
}

function isEmpty({ text, attachments, refs }: Written): boolean {
  return text === "" && attachments.length + refs.length === 0;
}

function toWritten({ text = "", attachments = [], refs = [], idempotencyKey }: Partial<StoredDraft> = {}): Written {
  return { text, attachments, refs, ...defined({ idempotencyKey }) };
}
