import type { Disposable } from "../base/disposable.ts";
import { BoundedMap } from "../base/boundedMap.ts";
import { isAppError, toErrorBody } from "../base/appError.ts";
import { defined } from "../base/defined.ts";
import { describeError } from "../base/log.ts";
import { Lanes } from "../base/turns/lanes.ts";
import type { Attachment } from "../protocol/message.ts";
import type { ChannelChange } from "../core/ports/outside/channelRows.ts";
import { answerCommand } from "./chatCommands.ts";
import { chatSettings, sessionOf } from "./chats.ts";
import type { Incoming, Press } from "./channel.ts";
import { type ChannelParts, commit, saying } from "./channelParts.ts";
import { isStopWord, words } from "./words.ts";

/** Makes runs of what came in: what one person writes in a row is one message. */
export interface TakeMessages {
  /** Something may have come in. */
  look(): void;
  close(): Promise<void>;
}

export interface TakeOptions {
  /** A run answers these; followed from here on. */
  onTaken(runId: string): void;
  onPress(press: Press): Promise<void>;
  /** Something is to be sent. */
  onSaid(): void;
}

interface Taking extends ChannelParts, TakeOptions {
  lanes: Lanes;
  /** What is being gathered, by chat and person. */
  bursts: Map<string, { rows: Row[]; timer: Disposable }>;
  /** Rows that this process is at, or has done. */
  known: BoundedMap<string, true>;
  look(): void;
}

interface Row {
  id: string;
  what: Incoming;
}

const BURST_MS = 300;
const AGAIN_MS = 2000;
const AT_ONCE = 500;
const MOST_KNOWN = 20_000;
const MAX_TEXT = 200_000;

export function startTaking(parts: ChannelParts, options: TakeOptions): TakeMessages {
  const { agent, channel } = parts;
  let again: Disposable | undefined;
  const look = (): void => {
    taking.lanes
      .run("look", () => sort(taking))
      .catch((error: unknown) => {
        if (parts.signal.aborted) return;
        agent.log.warn(`What came in from ${channel.id} could not be taken`, { error: describeError(error) });
        again?.dispose();
        again = agent.clock.at(agent.clock.now() + AGAIN_MS, look);
      });
  };
  const taking: Taking = {
    ...parts,
    ...options,
    lanes: new Lanes(),
    bursts: new Map(),
    known: new BoundedMap(MOST_KNOWN),
    look,
  };
  look();
  return {
    look,
    async close() {
      again?.dispose();
      for (const { timer } of taking.bursts.values()) timer.dispose();
      await taking.lanes.idle();
    },
  };
}

/** Each new row comes to its chat, in the order in which they came. */
async function sort(taking: Taking): Promise<void> {
  const { agent, channel, known, lanes, signal } = taking;
  if (signal.aborted) return;
  const rows = await agent.store.listInbox({ channel: channel.id, states: ["new"], limit: AT_ONCE });
  for (const { id, body, place } of rows) {
    if (known.has(id)) continue;
    known.set(id, true);
    const what = body as unknown as Incoming | Press;
    // A button, or a word to stop, does not wait for what the chat is at.
    const lane = what.kind === "press" || isStopWord(what.text) ? `${place} at once` : place;
    lanes
      .run(lane, () => (what.kind === "press" ? takePress(taking, id, what) : takeMessage(taking, { id, what })))
      .catch((error: unknown) => failed(taking, [id], error));
  }
}

/** What could not be stored for now is tried again soon; what else fails only by the next process, or it would fail for ever. */
function failed({ agent, channel, known, signal, look }: Taking, ids: string[], error: unknown): void {
  if (signal.aborted) return;
  agent.log.error(`A message of ${channel.id} could not be taken`, { ids, error: describeError(error) });
  if (!isAppError(error)) return;
  for (const id of ids) known.delete(id);
  agent.clock.at(agent.clock.now() + AGAIN_MS, look);
}

async function takePress(taking: Taking, id: string, press: Press): Promise<void> {
  await taking.onPress(press);
  await commit(taking, doneWith(taking, id));
  taking.onSaid();
}

async function takeMessage(taking: Taking, row: Row): Promise<void> {
  const { what, id } = row;
  const may = await taking.agent.channels.admits(taking.channel.id, what.person.id);
  if (may === undefined) return turnAway(taking, row);
  // A code that one person was given opens no room where others are.
  const isHeard = what.isAddressed && (what.isPrivate || may === "allow");
  if (what.isEdit) return edited(taking, row);
  if (!isHeard) return commit(taking, doneWith(taking, id));
  const word = isStopWord(what.text) ? "/stop" : what.text;
  if (word === "/stop") await dropBursts(taking, what.place);
  const said = word.startsWith("/") && what.files.length === 0 ? await answerCommand(taking, what, word) : undefined;
  if (said === undefined) return gather(taking, row);
  const told = said === "" ? [] : [saying(taking, `to ${id}`, what.place, said)];
  await commit(taking, doneWith(taking, id), ...told);
  return taking.onSaid();
}

/** A stranger is told once a day that there is nothing here, and how its owner would come in. */
async function turnAway(taking: Taking, { id, what }: Row): Promise<void> {
  const { agent, channel } = taking;
  const offered = what.isPrivate && !what.isEdit ? await agent.channels.offer(channel.id, what.person) : undefined;
  const text = offered && (offered.code === undefined ? words.stranger : words.code(offered.code));
  await commit(
    taking,
    doneWith(taking, id),
    ...(text === undefined ? [] : [saying(taking, `to ${id}`, what.place, text)]),
  );
  if (text !== undefined) taking.onSaid();
}

/** What is still gathered says what it says now; what was taken is answered as it was. */
async function edited(taking: Taking, { id, what }: Row): Promise<void> {
  const burst = taking.bursts.get(burstKey(what))?.rows.find((row) => row.what.messageId === what.messageId);
  if (burst) burst.what = { ...burst.what, text: what.text };
  await commit(taking, doneWith(taking, id));
}

async function dropBursts(taking: Taking, place: string): Promise<void> {
  for (const [key, { rows, timer }] of taking.bursts) {
    if (rows[0]!.what.place !== place) continue;
    timer.dispose();
    taking.bursts.delete(key);
    await commit(taking, ...rows.map(({ id }) => doneWith(taking, id)));
  }
}

function gather(taking: Taking, row: Row): void {
  const { agent, bursts, lanes } = taking;
  const key = burstKey(row.what);
  const before = bursts.get(key);
  before?.timer.dispose();
  const rows = [...(before?.rows ?? []), row];
  const timer = agent.clock.at(agent.clock.now() + BURST_MS, () => {
    bursts.delete(key);
    lanes
      .run(row.what.place, () => submit(taking, rows))
      .catch((error: unknown) =>
        failed(
          taking,
          rows.map(({ id }) => id),
          error,
        ),
      );
  });
  bursts.set(key, { rows, timer });
}

async function submit(taking: Taking, given: Row[]): Promise<void> {
  const { agent, channel, onTaken, onSaid } = taking;
  if (!taking.isHeld()) return;
  const rows = given.toSorted((a, b) => Number(a.what.messageId) - Number(b.what.messageId));
  const { what } = rows[0]!;
  const { attachments, lost } = await filesOf(taking, rows);
  const texts = [...rows.map((row) => textOf(row.what)), ...lost].filter((text) => text !== "");
  const text = texts.join("\n").slice(0, MAX_TEXT);
  try {
    const sessionKey = await sessionOf(taking, what);
    const run = await agent.sessions.send(
      {
        text: text === "" ? "(a file)" : text,
        origin: { via: channel.id, id: what.person.id },
        sessionKey,
        ...(attachments.length > 0 ? { attachments } : {}),
        ...defined({ grants: chatSettings(taking, what.place).grants }),
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
    onTaken(run.id);
  } catch (error) {
    const { code, message } = toErrorBody(error);
    // Taken by another process meanwhile, or stored by nobody for now.
    if (code === "conflict" || code === "unavailable") throw error;
    if (code === "internal") agent.log.error("A message could not be taken", { error: describeError(error) });
    await commit(
      taking,
      ...rows.map((row) => doneWith(taking, row.id)),
      saying(taking, `to ${rows[0]!.id}`, what.place, `That could not be taken: ${message}`),
    );
    onSaid();
  }
}

function textOf({ text, quoted, isPrivate, person }: Incoming): string {
  const lines = quoted === undefined ? text : `> ${quoted.replaceAll("\n", "\n> ")}\n\n${text}`;
  return isPrivate ? lines : `${person.name}: ${lines}`;
}

async function filesOf(
  { channel, signal }: Taking,
  rows: Row[],
): Promise<{ attachments: Attachment[]; lost: string[] }> {
  const attachments: Attachment[] = [];
  const lost: string[] = [];
  for (const file of rows.flatMap(({ what }) => what.files)) {
    try {
      attachments.push(await channel.fetchFile(file, signal));
    } catch (error) {
      signal.throwIfAborted();
      lost.push(`[The file ${file.name} could not be fetched: ${toErrorBody(error).message}]`);
    }
  }
  return { attachments, lost };
}

function burstKey({ place, person }: Incoming): string {
  return `${place} ${person.id}`;
}

function doneWith({ channel }: ChannelParts, id: string): ChannelChange {
  return { take: { channel: channel.id, id }, expect: "new", state: "done" };
}
