import { headOf } from "../../base/cutText.ts";
import { readableAttachment } from "../../base/attachments/readableAttachment.ts";
import { AppError, isAppError, toErrorBody } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { describeError } from "../../base/log.ts";
import { sleep } from "../../base/wait.ts";
import type { Lanes } from "../../base/turns/lanes.ts";
import { checkAttachment } from "../../base/attachments/checkAttachment.ts";
import { fileName } from "../../base/files/fileName.ts";
import type { Attachment } from "../../protocol/message.ts";
import type { ChannelChange } from "../../core/ports/outside/channelRows.ts";
import type { FileRef, Incoming } from "../channel.ts";
import { type ChannelParts, commit, saying } from "./channelParts.ts";
import { chatSettings, sessionOf } from "./chats.ts";
import { isHeard } from "./isHeard.ts";

/** A message that is to be taken. */
export interface Row {
  id: string;
  what: Incoming;
  /** Grows in the order in which they came. */
  order: number;
}

export interface Submitting extends ChannelParts {
  lanes: Lanes;
  /** Of a chat: what came before this was stopped. */
  stopped: Map<string, number>;
  /** Of a chat: ends the fetching of files that is under way for it. */
  fetching: Map<string, AbortController>;
  onTaken(runId: string): void;
  onSaid(): void;
}

const MAX_TEXT = 200_000;
// A message waits for its files: a line that is bad for longer loses them, and says so.
const FETCH_AGAIN_MS = [500, 2000];
const LONGEST_FETCH_WAIT_MS = 30_000;

/** Makes one run of what one person wrote in a row, unless a word to stop came after it. */
export async function submitMessages(parts: Submitting, given: Row[]): Promise<void> {
  const { lanes, fetching, signal } = parts;
  // Not for now, or never again: it is looked at anew while this channel is run, and was stored for whoever runs it then.
  if (!parts.isHeld())
    throw new AppError("unavailable", `Whether this process still runs ${parts.channel.id} is not known`);
  const rows = given.toSorted((a, b) => Number(a.what.messageId) - Number(b.what.messageId));
  const { place } = rows[0]!.what;
  const stop = new AbortController();
  fetching.set(place, stop);
  const files = isStopped(parts, rows) ? NONE : await filesOf(parts, rows, AbortSignal.any([signal, stop.signal]));
  fetching.delete(place);
  await lanes.run(sendingLane(place), async () =>
    // Who was removed meanwhile is not heard any more.
    isStopped(parts, rows) || !(await isHeard(parts, rows[0]!.what))
      ? commit(parts, ...rows.map(({ id }) => doneWith(parts, id)))
      : send(parts, rows, files),
  );
}

/** Drops what is about to be sent in a chat, and came before. Resolves with whether there was any. */
export async function stopSubmitting(parts: Submitting, place: string, order: number): Promise<boolean> {
  const { stopped, fetching, lanes } = parts;
  stopped.set(place, order);
  const wasFetching = fetching.get(place);
  wasFetching?.abort();
  // What is being stored as a run right now is stopped as one.
  await lanes.run(sendingLane(place), async () => {});
  return wasFetching !== undefined;
}

export function doneWith({ channel }: ChannelParts, id: string): ChannelChange {
  return { take: { channel: channel.id, id }, expect: "new", state: "done" };
}

interface Files {
  attachments: Attachment[];
  lost: string[];
}

const NONE: Files = { attachments: [], lost: [] };

function sendingLane(place: string): string {
  return `${place} sending`;
}

function isStopped({ stopped }: Submitting, rows: Row[]): boolean {
  const until = stopped.get(rows[0]!.what.place) ?? -1;
  return rows.every(({ order }) => order < until);
}

async function send(parts: Submitting, rows: Row[], { attachments, lost }: Files): Promise<void> {
  const { agent, channel } = parts;
  const { what } = rows[0]!;
  const texts = [...rows.map((row) => textOf(row.what)), ...lost].filter((text) => text !== "");
  const text = headOf(texts.join("\n"), MAX_TEXT);
  try {
    const sessionKey = await sessionOf(parts, what);
    const { grants } = await chatSettings(parts, what.place);
    const run = await agent.sessions.send(
      {
        text: text === "" ? "(a file)" : text,
        origin: { via: channel.id, id: what.person.id },
        sessionKey,
        ...(attachments.length > 0 ? { attachments } : {}),
        ...defined({ grants }),
      },
      ({ id: runId }) => ({
        channels: rows.map((row) => ({
          take: { channel: channel.id, id: row.id },
          expect: "new" as const,
          state: "taken" as const,
          runId,
        })),
      }),
    );
    parts.onTaken(run.id);
  } catch (error) {
    const { code, message } = toErrorBody(error);
    // Taken by another process meanwhile, or stored by nobody for now.
    if (code === "conflict" || code === "unavailable") throw error;
    if (code === "internal") agent.log.error("A message could not be taken", { error: describeError(error) });
    await commit(
      parts,
      ...rows.map((row) => doneWith(parts, row.id)),
      saying(parts, `to ${rows[0]!.id}`, what.place, `That could not be taken: ${message}`),
    );
    parts.onSaid();
  }
}

function textOf({ text, quoted, forwarded, isPrivate, person, ...what }: Incoming): string {
  if (text === "" && quoted === undefined && allFiles(what).length > 0) return "";
  const said = forwarded === undefined ? text : `[Passed on, written by ${forwarded}]\n${asQuote(text)}`;
  const lines = quoted === undefined ? said : `${asQuote(quoted)}\n\n${said}`;
  return isPrivate ? lines : `${person.name}: ${lines}`;
}

function asQuote(text: string): string {
  return `> ${text.replaceAll("\n", "\n> ")}`;
}

function allFiles({ files, quotedFiles = [] }: Pick<Incoming, "files" | "quotedFiles">): FileRef[] {
  return [...quotedFiles, ...files];
}

async function filesOf(parts: ChannelParts, rows: Row[], until: AbortSignal): Promise<Files> {
  const attachments: Attachment[] = [];
  const lost: string[] = [];
  for (const file of rows.flatMap(({ what }) => allFiles(what))) {
    const name = fileName(file.name);
    try {
      const fetched = readableAttachment(name, file.mediaType, await fetchPatiently(parts, file, until));
      // One that no model can be shown costs the others nothing, nor the words.
      checkAttachment(fetched);
      attachments.push(fetched);
    } catch (error) {
      const { signal } = parts;
      signal.throwIfAborted();
      if (until.aborted) break;
      lost.push(`[The file ${name} could not be taken: ${toErrorBody(error).message}]`);
    }
  }
  return { attachments, lost };
}

async function fetchPatiently({ agent, channel }: ChannelParts, file: FileRef, until: AbortSignal): Promise<Buffer> {
  for (const ms of FETCH_AGAIN_MS) {
    try {
      return await channel.fetchFile(file, until);
    } catch (error) {
      const isLater = isAppError(error) && error.code === "unavailable" && !until.aborted;
      const wait = isLater ? (error.retryAfterMs ?? ms) : Infinity;
      if (wait > LONGEST_FETCH_WAIT_MS) throw error;
      await sleep(agent.clock, wait, until);
    }
  }
  return channel.fetchFile(file, until);
}
