import type { ChannelPerson, ChannelState, ListedChannel } from "../../../protocol/outside/channelState.ts";
import type { Rule } from "../../../protocol/rule.ts";
import type { IdempotencyRecord, Keep } from "../batch.ts";
import type { OutFileStore } from "../../../base/files/outFileStore.ts";
import type { ChannelPosts } from "./channelPosts.ts";
import type { ChannelChange } from "./channelRows.ts";
import type { StoredOutFile, OutFile } from "./outFile.ts";

/** A chat network as openclaw.yml has it, without its token. */
export interface ChannelSettings {
  id: string;
  /** Numeric ids of those who may talk, also where others listen. */
  allow: string[];
  /** What one file may have at most that goes out there. */
  maxFileBytes: number;
  /** Whether each chat has a session of its own, or all have the main one. */
  session: "chat" | "main";
  /** Whose questions for approval are shown: those of the chat's own runs, or of all. */
  asks: "own" | "all";
  /** What holds in single chats, by address. */
  chats: Record<string, ChatSettings>;
}

export interface ChatSettings {
  /** Key of the session; by default one of its own. */
  session?: string;
  workspace?: string;
  tools?: string[];
  /** What its runs may do unasked besides what the configuration allows. */
  grants?: Rule[];
}

/** How a channel is, told by what runs it. */
export interface ChannelReport {
  state: ChannelState;
  account?: string;
  error?: string;
  /** In milliseconds. */
  retryAt?: number;
  /** Where its network posts messages to; absent where it is asked for them. */
  webhook?: ListedChannel["webhook"];
}

export interface ChannelRestart {
  channel: string;
  /** Its account sends its messages to an address of the web, and gives none to whoever asks for them: that ends. */
  deleteWebhook: boolean;
}

/** Who may talk over chat networks, and what goes out to them, whoever runs them. */
export interface ChannelDesk {
  list(): Promise<ListedChannel[]>;
  settings(channel: string): ChannelSettings | undefined;
  report(channel: string, report: ChannelReport): void;
  /** Calls when something may have to be sent, when one is muted, or not any more, and when somebody may talk no more. */
  onChange(listener: (channel: string) => void): { dispose(): void };
  /** Tells those who look at it that it is not as it was. */
  tell(channel: string): void;
  /** Ends it, and runs it anew; with `deleteWebhook` the network gives its messages here from then on. */
  restart(wanted: ChannelRestart): void;
  onRestart(listener: (wanted: ChannelRestart) => void): { dispose(): void };

  /** How somebody comes to talk; undefined for a stranger. */
  admits(channel: string, person: string): Promise<ChannelPerson["by"] | undefined>;
  /** A code for a stranger to show to the owner; undefined when too many wait, or when this one was told something today. */
  offer(channel: string, person: { id: string; name: string }): Promise<{ code?: string } | undefined>;
  /** Confirms a code; `not_found` for one that is wrong or whose time is over, and after five wrong ones all are void. */
  pair(channel: string, given: { code: string; by: string }, keep?: Keep<ChannelPerson>): Promise<ChannelPerson>;
  /** Takes back what a code gave, or the code; `conflict` for who stands in openclaw.yml. */
  remove(channel: string, person: string, answers?: IdempotencyRecord[]): Promise<void>;
  /** While it is muted nothing is taken and nothing is sent; what came before goes on. */
  mute(channel: string, muted: boolean): Promise<void>;
  isMuted(channel: string): Promise<boolean>;

  /** Where networks post what they have, instead of being asked for it. */
  posts: ChannelPosts;

  /** Copies of what is on its way. */
  files: OutFileStore;
  /**
   * Rejects for a file that may not go out: `bad_request` for an empty one, `payload_too_large` for what the network does not take,
   * `forbidden` for one in whose bytes stands a secret that is known. What is packed or encoded is not seen.
   */
  checkFile(channel: string, file: OutFile): Promise<void>;
  /** Copies a file that is to go out, if it may. */
  keep(channel: string, file: OutFile): Promise<StoredOutFile>;
  /** The chat that goes on in a session; undefined where none does, or several do. */
  chatOf(channel: string, sessionKey: string): Promise<string | undefined>;
  /** All addresses of the chat that this is one of, the newest first: a group that becomes a supergroup has two. */
  names(channel: string, place: string): Promise<string[]>;
  /** Whether a rule of openclaw.yml keeps the agent from writing to a chat that is called so. */
  forbids(channel: string, names: string[]): boolean;
  /**
   * The row that sends a text, and files behind it, to be stored with what it tells of. `to` is an address of the channel, by
   * default the first who may talk. `forbidden` for an address nobody talks at who may. With `runId` it is that run's answer, and the
   * pictures that it shows come behind it.
   */
  toSend(
    message: Addressed & { key: string; files?: StoredOutFile[]; runId?: string; /** See send. */ byAgent?: true },
  ): Promise<ChannelChange>;
  /** Stores such a row, or drops the copies. Resolves with its key: what becomes of it is seen in `list`. */
  send(
    message: Addressed & {
      files?: StoredOutFile[];
      /** What forbids it a chat holds until it is sent. */ byAgent?: true;
    },
    keep?: Keep<string>,
  ): Promise<string>;
  /** Forgets what was over a week ago, and copies of files that nothing names any more. */
  forget(channel: string): Promise<void>;
  /** Gives up what has waited for a week for channels that are set up no more, and forgets as above what is left of them. */
  giveUp(): Promise<void>;
  /** Something was stored that is to be sent. */
  nudge(channel: string): void;
  /** It is stored what became of a row of the outbox. */
  settled(key: string): void;
  onSettled(listener: (key: string) => void): { dispose(): void };
}

interface Addressed {
  channel: string;
  to?: string;
  text: string;
}
