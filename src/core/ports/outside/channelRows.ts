/**
 * What came in from a chat network: put down before it is acknowledged there. new: nobody has looked at it. taken: a run
 * answers it. done: nothing more comes of it, and `body` is forgotten.
 */
export interface InboxRow {
  /** Its network, as in "telegram". */
  channel: string;
  /** The network's own number for it, with the account that it came to: the same is put down once. */
  id: string;
  /** Where it came from: an address within the channel. */
  place: string;
  state: "new" | "taken" | "done";
  /** The run that answers it. */
  runId?: string;
  body?: Record<string, unknown>;
}

/**
 * What goes out. whole: to be cut into parts, which are rows of their own. waiting: to be sent, from `notBefore` on. sending: on
 * its way; found so after a crash nobody knows whether it arrived. Then it is `doubtful`, and is not sent again by itself.
 */
export interface OutboxRow {
  /** What it says, as in "run_1 2": put down once, however often it is made. */
  key: string;
  channel: string;
  place: string;
  state: "whole" | "cut" | "waiting" | "sending" | "sent" | "failed" | "doubtful";
  /** In milliseconds of the store's clock. */
  notBefore?: number;
  /** The network's own number for it, once it was sent. */
  sentAs?: string;
  error?: string;
  /** Forgotten when it was sent. */
  body?: Record<string, unknown>;
  /** When it became what it is, in milliseconds of the store's clock. */
  at: number;
}

/** What is neither sent nor given up. */
export const UNSENT: OutboxRow["state"][] = ["whole", "waiting", "sending"];

/** How long what is over is known, and what nobody can send is kept: so long that nothing of it can come again. */
export const KEPT_MS = 7 * 24 * 3_600_000;

/** What else is known of a channel, by key: who was paired, which session a chat has, up to where updates were taken. */
export interface ChannelNote {
  channel: string;
  key: string;
  value: Record<string, unknown>;
}

/** `expect`: the batch is refused with `conflict` when the row is another by now. */
export type ChannelChange =
  /** Nothing where it was put down before. */
  | { receive: Omit<InboxRow, "state" | "runId"> }
  | { take: Pick<InboxRow, "channel" | "id">; expect: InboxRow["state"]; state: InboxRow["state"]; runId?: string }
  /** Nothing where one of its key is there. */
  | {
      put: Pick<OutboxRow, "key" | "channel" | "place" | "notBefore"> & {
        state: "whole" | "waiting";
        body: Record<string, unknown>;
      };
    }
  | {
      send: string;
      expect: OutboxRow["state"];
      state: OutboxRow["state"];
      place?: string;
      notBefore?: number;
      sentAs?: string;
      error?: string;
      body?: Record<string, unknown>;
    }
  /** null takes it away; `expect: null` demands that there is none. */
  | {
      note: Pick<ChannelNote, "channel" | "key">;
      value: ChannelNote["value"] | null;
      expect?: ChannelNote["value"] | null;
    }
  /** What is to go out to one address goes to another, at once, but for what is on its way. */
  | { move: string; from: string; to: string }
  /** Forgets what was put down before, in milliseconds of the store's clock, and is over. */
  | { forget: string; before: number };

export interface InboxQuery {
  channel: string;
  states: InboxRow["state"][];
  limit: number;
}

export interface OutboxQuery {
  channel: string;
  states: OutboxRow["state"][];
  place?: string;
  /** Only that one, the parts that it was cut into, and what stands behind their keys. */
  of?: string;
  /** Only those that became what they are before this time, in milliseconds of the store's clock. */
  before?: number;
  /** Only those that name copies of files. */
  withCopies?: true;
  limit: number;
}
