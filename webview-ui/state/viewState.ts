import type { ContextRef } from "../../src/protocol/panel/contextRef.ts";
import type { Attachment } from "../../src/protocol/message.ts";
import type { FieldValue } from "../parts/fieldValue.ts";
import type { VsCodeApi } from "./panelWire.ts";

/** All that the page itself remembers over a reload; everything else is the gateway's. */
export interface ViewState {
  /** Absent until a session was shown here. */
  sessionKey?: string;
  /** What was written and not sent, by session, the newest last. */
  drafts: Record<string, StoredDraft>;
  /** What was sent and is not known to be taken, by an id, the newest last: a page may be thrown away meanwhile. */
  sending: Record<string, StoredSending>;
  /** What queued messages were sent with, by run, the newest last: it is chips again when one is edited. */
  queuedRefs: Record<string, ContextRef[]>;
  /** What is written into forms that MCP servers wait for, by question, and each field by its name. */
  answers: Record<string, [field: string, value: FieldValue][]>;
  /** The topmost visible row and how far it is scrolled out; absent while the newest is followed. */
  scrollAnchor?: ScrollAnchor;
}

export interface StoredDraft {
  text: string;
  attachments: Attachment[];
  /** What is read when it is sent. */
  refs?: ContextRef[];
  /** By which it was sent, and may have been taken: sent again as it is, it counts once. */
  idempotencyKey?: string | undefined;
  /** It was sent while nothing could take it. */
  isWaiting?: boolean;
}

export interface StoredSending extends StoredDraft {
  sessionKey: string;
  /** The newest message that was shown by then, and the runs that were known. */
  after: number;
  known: string[];
  /** What the session is told of it, where that is not its text. */
  said?: string;
}

export interface ScrollAnchor {
  key: string;
  offset: number;
}

export interface ViewMemory {
  state: ViewState;
  /** `isFrequent`: it changes with each key or as one scrolls. */
  update(patch: Partial<ViewState>, isFrequent?: boolean): void;
  /** Writes what still waits to be written. */
  flush(): void;
}

const GATHER_MS = 250;

/** Reads what VS Code kept for the page, and writes each change back: what is frequent in fewer goes, where all of it is large. */
export function openViewMemory(api: VsCodeApi): ViewMemory {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    api.setState(memory.state);
  };
  const isLarge = () => Object.values(memory.state.drafts).some(({ attachments }) => attachments.length > 0);
  const kept = (api.getState() ?? {}) as Partial<ViewState>;
  const memory: ViewMemory = {
    state: {
      ...(typeof kept.sessionKey === "string" ? { sessionKey: kept.sessionKey } : {}),
      drafts: typeof kept.drafts === "object" ? kept.drafts : {},
      sending: typeof kept.sending === "object" ? kept.sending : {},
      queuedRefs: typeof kept.queuedRefs === "object" ? kept.queuedRefs : {},
      answers: typeof kept.answers === "object" ? kept.answers : {},
      scrollAnchor: kept.scrollAnchor,
    },
    update(patch, isFrequent = false) {
      memory.state = { ...memory.state, ...patch };
      if (!isFrequent || !isLarge()) write();
      else timer ??= setTimeout(write, GATHER_MS);
    },
    flush() {
      if (timer !== undefined) write();
    },
  };
  return memory;
}
