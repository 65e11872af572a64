import type { ChannelName } from "../protocol/outside/channelNames.ts";
import type { Disposable } from "../base/disposable.ts";
import type { ChannelReport } from "../core/ports/outside/channelDesk.ts";

/** What somebody wrote in a chat, in the same form for every network. */
export interface Incoming {
  kind: "message";
  /** Where: an address of the channel, as in "123" or "-100123:45" with a topic. */
  place: string;
  /** What people call it; the person's name in a private chat. */
  title: string;
  /** Nobody else reads along. */
  isPrivate: boolean;
  person: Person;
  /** The network's own number of the message in its chat. */
  messageId: string;
  text: string;
  files: FileRef[];
  /** Of what it answers. */
  quotedFiles?: FileRef[];
  /** It was said to the agent: in a private chat, by its name, or as an answer to it. */
  isAddressed: boolean;
  /** Pictures that were sent as one have the same. */
  album?: string;
  /** It is a command of the network's own, which is answered as a pressed button is. */
  pressId?: string;
  /** The network did not tell what it says. */
  isUnread?: true;
  /** It takes the place of what the message said before. */
  isEdit?: true;
  /** The beginning of what it answers. */
  quoted?: string;
  /** Who wrote it, where the person only passed it on. */
  forwarded?: string;
}

/** A group has got another address. */
export interface Moved {
  kind: "moved";
  place: string;
  to: string;
}

/** Messages were deleted by who wrote them: what nobody has taken yet is not answered. */
export interface Gone {
  kind: "gone";
  place: string;
  messageIds: string[];
}

/** Somebody pressed a button. */
export interface Press {
  kind: "press";
  place: string;
  isPrivate: boolean;
  person: Person;
  pressId: string;
  /** What the button stands for. */
  data: string;
}

export interface Person {
  /** The network's own number, which nobody can choose. */
  id: string;
  name: string;
}

export interface FileRef {
  id: string;
  name: string;
  mediaType: string;
  bytes?: number;
  /** Where the network tells it anew, in its own terms. */
  toldBy?: string;
}

/** One message as it goes out; `partRow.ts` says how the outbox has it. */
export type Part = TextPart | FilePart;

export interface TextPart {
  kind: "text";
  text: string;
  /** In the network's dialect; `text` says the same without it. */
  marked?: string;
  buttons?: Button[][];
}

export interface FilePart {
  kind: "file";
  name: string;
  mediaType: string;
  data: Buffer;
  caption?: string;
  /** To be sent as any other file, though it is a picture. */
  plain?: true;
}

export interface Button {
  label: string;
  data: string;
}

/** What became of a message: whoever sends once has to know what is certain. */
export type Sent =
  | { is: "sent"; /** The network's number for it, where it told it. */ as?: string }
  /** It certainly did not arrive, and may after this time. */
  | { is: "later"; ms: number; why: string }
  /** It certainly did not arrive, and would so: elsewhere, or plain: a text without its dialect, a picture as any other file. */
  | { is: "other"; plain?: true; place?: string; why: string }
  | { is: "refused"; why: string }
  /** The line broke after it had left. */
  | { is: "doubtful"; why: string };

/** A chat network: one file each, and one line in index.ts. Whatever asks the network rejects with an AppError that holds no token. */
export interface Channel {
  /** As in openclaw.yml. */
  id: ChannelName;
  /** Its name, for people. */
  title: string;
  /**
   * For so long a message that is sent again counts as the same there, if it goes by the same name (`once` of `send`). Absent where
   * the network cannot tell.
   */
  sameForMs?: number;
  /** Who the agent is there. `unauthorized` when its token is refused. */
  account(signal: AbortSignal): Promise<{ id: string; name: string }>;
  /** Where the account sends its messages to an address of the web, which nobody can ask meanwhile: that ends. None is lost. */
  deleteWebhook(signal: AbortSignal): Promise<void>;
  /**
   * What came after `cursor`, waiting a while for it; it is acknowledged by the next call. `conflict` when another program takes
   * the same account's messages. It waits for `mostMs` at most, where that is given and the network can be left that soon.
   */
  receive(cursor: Cursor | undefined, signal: AbortSignal, mostMs?: number): Promise<Received>;
  /** What was written in a chat from that moment on, where the network does not tell it by itself when asked later. */
  missed?(place: string, sinceMs: number, signal: AbortSignal): Promise<Update[]>;
  /** Chats in which something was written from that moment on, as far as the network tells; see `missed`. */
  writtenIn?(sinceMs: number, signal: AbortSignal): Promise<string[]>;
  /** Messages come over a line that is opened first, and may break: calls when it stands, and when it does not any more. */
  onLine?(listener: (isUp: boolean) => void): Disposable;
  /** Ends what is open between two calls of `receive`. */
  close?(): void;
  /** After `close`, by whoever runs the channel still: the network posts nothing here any more, and keeps what comes. None is lost. */
  leave?(signal: AbortSignal): Promise<void>;
  /** How messages come while it is connected, where that is to be said. */
  standing?(): Pick<ChannelReport, "webhook" | "error">;
  /** A text as messages that the network takes, in its dialect. */
  cut(text: string): Part[];
  /** Whether a question fits into one message, with what is said above it. */
  fits(title: string, shown: string): boolean;
  /** `once` names the message: see `sameForMs`. */
  send(place: string, part: Part, once: string, signal: AbortSignal): Promise<Sent>;
  /** What only shows something for a moment. */
  show: {
    typing(place: string): Promise<unknown>;
    /** Takes notice of a message. */
    seen(place: string, messageId: string): Promise<unknown>;
    /** What became of the message. */
    draft(place: string, text: string): Promise<Sent>;
    /** Whether it says that now, or never will; false where it may later. */
    edit(place: string, messageId: string, text: string): Promise<boolean>;
    /** Whether it is gone, or never will be; false where it may be later. */
    remove(place: string, messageId: string): Promise<boolean>;
    /** Answers who pressed a button, or used a command; `marked` says the same in the network's dialect. */
    pressed(pressId: string, text: string, marked?: string): Promise<unknown>;
  };
  /** Its bytes. `payload_too_large` where the network does not give it; `unavailable` where it may later. */
  fetchFile(file: FileRef, signal: AbortSignal): Promise<Buffer>;
}

/** How far messages were taken, in the network's own terms. */
export type Cursor = number | string;

export interface Received {
  updates: Update[];
  cursor: Cursor | undefined;
  /** Called once: they are stored, or they are not, and are to come again. Absent: the next call says it. */
  settle?(isStored: boolean): void;
  /** What was written since the last of these before is not among them: `missed` tells it. */
  isGap?: true;
}

export interface Update {
  /** The network's own number. */
  id: Cursor;
  /** Absent for what nobody here needs to know of. */
  what?: Incoming | Press | Moved | Gone;
  /** What of it has a shape that the network does not use: it cannot be read. */
  strange?: string;
}
