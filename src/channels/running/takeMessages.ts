import type { Disposable } from "../../base/disposable.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import { isAppError, toErrorBody } from "../../base/appError.ts";
import { describeError } from "../../base/log.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import { answerCommand } from "./chatCommands.ts";
import { renewSession } from "./chats.ts";
import type { Gone, Incoming, Press } from "../channel.ts";
import { type ChannelParts, commit, saying } from "./channelParts.ts";
import { isHeard } from "./isHeard.ts";
import { doneWith, type Row, stopSubmitting, type Submitting, submitMessages } from "./submitMessages.ts";
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

interface Taking extends Submitting, TakeOptions {
  /** What is being gathered, by chat and person. */
  bursts: Map<string, Burst>;
  /** Rows that this process is at, or has done. */
  known: BoundedMap<string, true>;
  nextOrder: number;
  lookLater(): void;
}

interface Burst {
  rows: Row[];
  /** How long nothing more may come. */
  ms: number;
  timer: Disposable;
}

const BURST_MS = 300;
// Pictures that were sent as one come one by one, over a poor line in several answers.
const ALBUM_MS = 1000;
const AGAIN_MS = 2000;
const AT_ONCE = 500;
const MOST_KNOWN = 20_000;

export function startTaking(parts: ChannelParts, options: TakeOptions): TakeMessages {
  const { agent, channel } = parts;
  let again: Disposable | undefined;
  const look = (): void => {
    taking.lanes
      .run("look", () => sort(taking))
      .catch((error: unknown) => {
        if (parts.signal.aborted) return;
        agent.log.warn(`What came in from ${channel.id} could not be taken`, { error: describeError(error) });
        taking.lookLater();
      });
  };
  const taking: Taking = {
    ...parts,
    ...options,
    lanes: new Lanes(),
    bursts: new Map(),
    known: new BoundedMap(MOST_KNOWN),
    stopped: new Map(),
    fetching: new Map(),
    nextOrder: 0,
    lookLater() {
      again?.dispose();
      again = agent.clock.at(agent.clock.now() + AGAIN_MS, look);
    },
  };
  look();
  return {
    look,
    async close() {
      for (const { timer } of taking.bursts.values()) timer.dispose();
      await taking.lanes.idle();
      again?.dispose();
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
    const what = body as unknown as Incoming | Press | Gone;
    const order = taking.nextOrder++;
    // A button, or a word to stop, does not wait for what the chat is at.
    const isAtOnce = what.kind === "press" || (what.kind === "message" && isStop(what));
    lanes
      .run(isAtOnce ? `${place} at once` : place, () => {
        if (what.kind === "press") return takePress(taking, id, what);
        return what.kind === "gone" ? dropGone(taking, id, what) : takeMessage(taking, { id, what, order });
      })
      .catch((error: unknown) => failed(taking, [id], place, error));
  }
  // Others wait behind these.
  if (rows.length === AT_ONCE) taking.lookLater();
}

/** What could not be stored for now is tried again soon; what else fails would fail for ever, and is told. */
async function failed(taking: Taking, ids: string[], place: string, error: unknown): Promise<void> {
  const { agent, channel, known, signal } = taking;
  if (signal.aborted) return;
  agent.log.error(`A message of ${channel.id} could not be taken`, { ids, error: describeError(error) });
  const { code, message } = toErrorBody(error);
  try {
    if (code !== "unavailable" && code !== "conflict") {
      const told = saying(taking, `to ${ids[0]}`, place, `That could not be taken: ${message}`);
      await commit(taking, ...ids.map((id) => doneWith(taking, id)), told);
      return taking.onSaid();
    }
  } catch (second) {
    if (!isAppError(second)) agent.log.error("Nor could that be told", { ids, error: describeError(second) });
  }
  for (const id of ids) known.delete(id);
  taking.lookLater();
}

async function takePress(taking: Taking, id: string, press: Press): Promise<void> {
  await taking.onPress(press);
  await commit(taking, doneWith(taking, id));
  taking.onSaid();
}

async function takeMessage(taking: Taking, row: Row): Promise<void> {
  const { what } = row;
  const may = await taking.agent.channels.admits(taking.channel.id, what.person.id);
  if (may === undefined) return turnAway(taking, row);
  if (what.isEdit) return edited(taking, row);
  const mayHere = await isHeard(taking, what);
  if (mayHere && !what.isAddressed && what.album !== undefined) return gather(taking, row);
  if (!mayHere || !what.isAddressed) return reply(taking, row, undefined, words.closed);
  if (what.isUnread) return reply(taking, row, words.unread);
  const dropped = isStop(what) && (await dropBefore(taking, row));
  const word = isStop(what) ? "/stop" : what.text;
  const isOwn = word.startsWith("/") && what.forwarded === undefined;
  const isCommand = isOwn && what.files.length === 0;
  const [, first] = (isOwn && /^\/new(?:\s+(\S[^]*))?$/i.exec(word)) || [undefined, undefined];
  // With words or files behind it: with these as the first message.
  const isBegin = first !== undefined || (isOwn && !isCommand && /^\/new$/i.test(word));
  if (isBegin && (await renewSession(taking, what))) {
    await whisper(taking, what, words.fresh);
    return gather(taking, { ...row, what: { ...what, text: first ?? "" } });
  }
  const answer = isCommand ? await answerCommand(taking, what, word) : undefined;
  if (answer === undefined) return gather(taking, row);
  return reply(taking, row, dropped && answer === words.nothingToStop ? words.stopped : answer);
}

/** Says it in the chat where there is something to say; to who used a command of the network's own, to them alone, and always. */
async function reply(taking: Taking, { id, what }: Row, said: string | undefined, orElse = "✅"): Promise<void> {
  const isSaid = said !== undefined && said !== "" && what.pressId === undefined;
  await commit(taking, doneWith(taking, id), ...(isSaid ? [saying(taking, `to ${id}`, what.place, said)] : []));
  await whisper(taking, what, said || orElse);
  if (said !== undefined) taking.onSaid();
}

async function whisper({ agent, channel, redact }: Taking, { pressId }: Incoming, said: string): Promise<void> {
  if (pressId === undefined) return;
  const text = redact(said);
  const [part] = channel.cut(text);
  const marked = part?.kind === "text" ? part.marked : undefined;
  await channel.show.pressed(pressId, text, marked).catch((error: unknown) => {
    agent.log.warn("Who used a command could not be told", { error: describeError(error) });
  });
}

function isStop({ text, files, forwarded, isEdit }: Incoming): boolean {
  return forwarded === undefined && !isEdit && files.length === 0 && isStopWord(text);
}

/** A stranger is told once a day that there is nothing here, and how its owner would come in. */
async function turnAway(taking: Taking, row: Row): Promise<void> {
  const { agent, channel } = taking;
  const { what } = row;
  const offered = what.isPrivate && !what.isEdit ? await agent.channels.offer(channel.id, what.person) : undefined;
  const text = offered && (offered.code === undefined ? words.stranger(what.person.id) : words.code(offered.code));
  return reply(taking, row, text, words.closed);
}

/** What is still gathered says what it says now; what was taken is answered as it was. */
async function edited(taking: Taking, { id, what }: Row): Promise<void> {
  const burst = taking.bursts.get(burstKey(what))?.rows.find((row) => row.what.messageId === what.messageId);
  if (burst) burst.what = { ...burst.what, text: what.text };
  await commit(taking, doneWith(taking, id));
}

/** What is still gathered and was deleted is not taken. */
async function dropGone(taking: Taking, id: string, { place, messageIds }: Gone): Promise<void> {
  const gone = ({ what }: Row) => what.place === place && messageIds.includes(what.messageId);
  const dropped = [...taking.bursts].flatMap(([key, burst]) => {
    const found = burst.rows.filter(gone);
    burst.rows = burst.rows.filter((row) => !gone(row));
    if (burst.rows.length === 0) {
      burst.timer.dispose();
      taking.bursts.delete(key);
    }
    return found;
  });
  await commit(taking, doneWith(taking, id), ...dropped.map((row) => doneWith(taking, row.id)));
}

/** What was written before a word to stop becomes no run. Resolves with whether there was any. */
async function dropBefore(taking: Taking, { order, what: { place } }: Row): Promise<boolean> {
  let dropped = await stopSubmitting(taking, place, order);
  for (const [key, { rows, timer }] of taking.bursts) {
    if (rows[0]!.what.place !== place) continue;
    timer.dispose();
    taking.bursts.delete(key);
    await commit(taking, ...rows.map(({ id }) => doneWith(taking, id)));
    dropped = true;
  }
  return dropped;
}

function gather(taking: Taking, row: Row): void {
  const { agent, bursts } = taking;
  const key = burstKey(row.what);
  const before = bursts.get(key);
  before?.timer.dispose();
  const rows = [...(before?.rows ?? []), row];
  const ms = rows.some(({ what }) => what.album !== undefined) ? ALBUM_MS : BURST_MS;
  const timer = agent.clock.at(agent.clock.now() + ms, () => {
    for (const due of dueWith(taking, key)) takeBurst(taking, due);
  });
  bursts.set(key, { rows, ms, timer });
}

/** With what others have finished in this chat before: timers of the same moment come in any order. */
function dueWith({ bursts }: Taking, key: string): string[] {
  const { ms, rows } = bursts.get(key)!;
  const { place } = rows[0]!.what;
  const last = (burst: Burst) => burst.rows.at(-1)!.order;
  const isDue = (burst: Burst) =>
    burst.ms === ms && burst.rows[0]!.what.place === place && last(burst) <= last(bursts.get(key)!);
  const due = [...bursts].filter(([, burst]) => isDue(burst));
  return due.toSorted(([, a], [, b]) => last(a) - last(b)).map(([one]) => one);
}

function takeBurst(taking: Taking, key: string): void {
  const { bursts, lanes } = taking;
  const { rows, timer } = bursts.get(key)!;
  const { place } = rows[0]!.what;
  timer.dispose();
  bursts.delete(key);
  const ids = rows.map(({ id }) => id);
  // Of pictures that were sent as one, one says who is meant.
  const isMeant = rows.some(({ what }) => what.isAddressed);
  lanes
    .run(place, () =>
      isMeant ? submitMessages(taking, rows) : commit(taking, ...ids.map((id) => doneWith(taking, id))),
    )
    .catch((error: unknown) => failed(taking, ids, place, error));
}

function burstKey({ place, person, isPrivate, album }: Incoming): string {
  return [place, person.id, ...(isPrivate || album === undefined ? [] : [album])].join(" ");
}
