import type { Disposable } from "../../base/disposable.ts";
import { isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { describeError } from "../../base/log.ts";
import { within } from "../../base/wait.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import type { ChannelChange, OutboxRow } from "../../core/ports/outside/channelRows.ts";
import { type StoredOutFile, storedOutFileIds } from "../../core/ports/outside/outFile.ts";
import { wholeAnswer } from "../answerFile.ts";
import type { Channel, Part, Sent } from "../channel.ts";
import { type ChannelParts, commit, saying, whileRefused } from "./channelParts.ts";
import { moveChat } from "./chats.ts";
import { namedPictures } from "./namedPictures.ts";
import { fileNameOf, toBody, toFileBody, toPart, toPlainBody } from "./partRow.ts";
import { words } from "./words.ts";

/** Sends what the outbox holds, in its order in each chat; a chat that has to wait holds up no other. */
export interface SendRows {
  /** Something may be there to be sent. */
  look(): void;
  /** Sends no more; resolves when what is on its way has ended. */
  close(): Promise<void>;
}

interface Sending extends ChannelParts {
  /** Aborts what is on its way, when it is waited for no longer. */
  giveUp: AbortSignal;
  lanes: Lanes;
  timers: Map<string, Disposable>;
  onSent(key: string): void;
  /** How often in a row a chat's message could not be sent, or a message's file not be read. */
  faults: Map<string, number>;
  look(): void;
}

const LOOK_MS = 1000;
// What is on its way when the gateway closes may arrive still.
const LAST_MS = 2000;
const AT_ONCE = 200;
const LONGEST_BACKOFF_MS = 60_000;
// A message that the network wants in yet another way is given up.
const MOST_FORMS = 4;
// Half a minute, all in all.
const MOST_READS = 6;

/** What an earlier process was sending is marked first: nobody knows whether it arrived. */
export async function startSending(parts: ChannelParts, onSent: (key: string) => void): Promise<SendRows> {
  const lanes = new Lanes();
  const timers = new Map<string, Disposable>();
  const hard = new AbortController();
  let isClosed = false;
  const look = (): void => {
    if (isClosed) return;
    lanes
      .run("look", () => spread(sending))
      .catch((error: unknown) =>
        parts.agent.log.warn("What is to be sent could not be looked at", { error: describeError(error) }),
      );
  };
  const sending: Sending = { ...parts, onSent, giveUp: hard.signal, lanes, timers, faults: new Map(), look };
  for (const row of await parts.agent.store.listOutbox({
    channel: parts.channel.id,
    states: ["sending"],
    limit: 10_000,
  })) {
    await commit(parts, ...afterCrash(parts, row));
    parts.agent.channels.settled(row.key);
  }
  // What other processes of this store put down is found so.
  const timer = setInterval(look, LOOK_MS).unref();
  look();
  return {
    look,
    async close() {
      isClosed = true;
      clearInterval(timer);
      for (const one of timers.values()) one.dispose();
      await within(parts.agent.clock, LAST_MS, lanes.idle());
      hard.abort();
      await lanes.idle();
    },
  };
}

/** Cuts what is whole, and sees to it that each chat with something to send is at it. */
async function spread(sending: Sending): Promise<void> {
  const { agent, channel, lanes, signal } = sending;
  if (signal.aborted || !sending.isHeld()) return;
  const whole = await agent.store.listOutbox({ channel: channel.id, states: ["whole"], limit: AT_ONCE });
  for (const row of whole) await commit(sending, ...(await cutRow(sending, row)));
  const waiting = await agent.store.listOutbox({ channel: channel.id, states: ["waiting"], limit: 10_000 });
  for (const place of new Set(waiting.map((row) => row.place))) {
    if (lanes.isBusy(place) || sending.timers.has(place)) continue;
    lanes
      .run(place, () => sendAll(sending, place))
      .catch((error: unknown) => {
        agent.log.warn("A message could not be sent", { channel: channel.id, error: describeError(error) });
        pause(sending, place, backoff(sending, place));
      });
  }
}

/** What stands in a row that is to be cut. */
interface Whole {
  text?: string;
  files?: StoredOutFile[];
  runId?: string;
  /** See ChannelDesk.send. */
  byAgent?: true;
}

async function cutRow(parts: ChannelParts, { key, place, body }: OutboxRow): Promise<ChannelChange[]> {
  const { channel, agent } = parts;
  const { byAgent, ...whole } = (body ?? {}) as Whole;
  const bodies = await bodiesOf(parts, whole).catch((error: unknown) => {
    if (isAppError(error)) throw error;
    // It would not be cut the next time either, and holds up what stands behind it.
    agent.log.error("What is to be sent could not be cut, and goes as a file", { key, error: describeError(error) });
    const { text = "", files = [] } = whole;
    return [toBody(wholeAnswer(text)), ...files.map(toFileBody)];
  });
  const rows = bodies.map((part, at) => ({
    put: {
      key: `${key} #${at + 1}`,
      channel: channel.id,
      place,
      state: "waiting" as const,
      body: { ...part, ...defined({ byAgent }) },
    },
  }));
  return [{ send: key, expect: "whole", state: "cut" }, ...rows];
}

async function bodiesOf(parts: ChannelParts, { text = "", files = [], runId }: Whole) {
  const { channel, agent } = parts;
  const run = runId === undefined ? undefined : await agent.store.getRun(runId);
  const shown = run ? await namedPictures(parts, run, text) : [];
  const cut = channel.cut(text);
  const sent = [...files, ...shown];
  const texts = cut.length + sent.length > 0 ? cut : plainly(channel, text);
  return [...texts.map(toBody), ...sent.map(toFileBody)];
}

/** Of a text that Markdown shows nothing of: as it is written, so that whoever waits for an answer gets one. */
function plainly(channel: Channel, text: string): Part[] {
  const isSeen = /[\p{L}\p{N}\p{P}\p{S}]/u.test(text);
  const parts = isSeen ? channel.cut(`~~~~~~\n${text}\n~~~~~~`) : [];
  return parts.length > 0 ? parts : [{ kind: "text", text: words.noAnswer }];
}

async function sendAll(sending: Sending, place: string): Promise<void> {
  const { agent, channel, signal } = sending;
  for (;;) {
    if (signal.aborted || !sending.isHeld()) return;
    const [row] = await agent.store.listOutbox({ channel: channel.id, states: ["waiting"], place, limit: 1 });
    if (!row) return;
    const now = agent.clock.now();
    // Put down by a clock that was ahead, its time says nothing.
    const wait = row.at > now ? 0 : (row.notBefore ?? 0) - now;
    if (wait > 0) return pause(sending, place, wait);
    if (!(await sendRow(sending, row))) return;
  }
}

/** Whether the chat goes on at once. */
async function sendRow(sending: Sending, row: OutboxRow): Promise<boolean> {
  const { agent, channel, giveUp } = sending;
  const { key, place, body = {} } = row;
  const part = await readPart(sending, row);
  if (part === "later") return false;
  const { doubtSince } = body;
  const first = channel.sameForMs === undefined ? undefined : Number(doubtSince ?? agent.clock.now());
  const since = first === undefined ? {} : { body: { ...body, doubtSince: first } };
  await commit(sending, { send: key, expect: "waiting", state: "sending", ...since });
  let sent: Sent;
  let isDoubtful = doubtSince !== undefined;
  try {
    if (part === "unreadable") sent = { is: "refused", why: "its file cannot be read" };
    else if (!part) sent = { is: "refused", why: "its file is not kept any more" };
    else if (isDoubtful && !mayRepeat(sending, first)) sent = { is: "doubtful", why: "it may have arrived long ago" };
    else sent = await channel.send(place, part, key, giveUp);
    if (sent.is === "doubtful" && mayRepeat(sending, first)) {
      // Sent again under its name while the network knows it, it is sent once.
      sent = { is: "later", ms: 0, why: sent.why };
      isDoubtful = true;
    }
  } catch (error) {
    if (isAppError(error)) sent = { is: "later", ms: LONGEST_BACKOFF_MS, why: error.message };
    else {
      agent.log.error("A message went wrong while it was sent", { key, error: describeError(error) });
      sent = { is: "doubtful", why: "something went wrong while it was sent" };
    }
  }
  if (sent.is === "later") {
    const ms = sent.ms || backoff(sending, place);
    const notBefore = agent.clock.now() + ms;
    const kept = isDoubtful ? {} : defined({ body: row.body });
    await keep(sending, [{ send: key, expect: "sending", state: "waiting", notBefore, error: sent.why, ...kept }]);
    pause(sending, place, ms);
    return false;
  }
  sending.faults.delete(place);
  const movedTo = sent.is === "other" && !place.includes(":") ? sent.place : undefined;
  // What forbids the agent a group holds under the address that nobody knew before.
  if (movedTo !== undefined && body["byAgent"] === true && agent.channels.forbids(channel.id, [movedTo, place]))
    sent = { is: "refused", why: `the group is ${movedTo} by now, and a rule keeps the agent from it` };
  const moved = movedTo === undefined ? [] : await moveChat(sending, place, movedTo);
  await keep(sending, [...afterwards(sending, row, sent), ...moved]);
  if (sent.is === "sent") for (const kept of storedOutFileIds(body)) await dropCopy(sending, kept);
  agent.channels.settled(key);
  if (sent.is === "sent") sending.onSent(key);
  else agent.channels.tell(channel.id);
  if (sent.is !== "sent") agent.log.warn(`A message to ${channel.id} is ${sent.is}`, { key, why: sent.why });
  return true;
}

/** What a row says. A file that cannot be read now may be soon, so that its chat waits for it; one that never can is given up. */
async function readPart(sending: Sending, { key, place, body = {} }: OutboxRow) {
  const { agent, faults } = sending;
  try {
    const part = await toPart(body, agent.channels.files);
    faults.delete(key);
    return part;
  } catch (error) {
    if (!isAppError(error)) throw error;
    const ms = backoff(sending, key);
    const isLast = faults.get(key)! >= MOST_READS;
    if (isLast) faults.delete(key);
    else pause(sending, place, ms);
    agent.log.warn("A file that is to be sent could not be read", { key, isLast, error: describeError(error) });
    return isLast ? "unreadable" : "later";
  }
}

/** One that stays is removed when old ones are. */
async function dropCopy({ agent }: ChannelParts, kept: string): Promise<void> {
  await agent.channels.files.drop(kept).catch((error: unknown) => {
    agent.log.warn("A file that was sent is kept on for now", { error: describeError(error) });
  });
}

/** What is certain about a message is stored as soon as it can be: it would be in doubt, or be sent once more. */
function keep(sending: Sending, changes: ChannelChange[]): Promise<void> {
  return whileRefused({ ...sending, signal: sending.giveUp }, () => commit(sending, ...changes));
}

function afterwards(sending: ChannelParts, row: OutboxRow, sent: Exclude<Sent, { is: "later" }>): ChannelChange[] {
  const { key, body = {} } = row;
  if (sent.is === "sent") return [{ send: key, expect: "sending", state: "sent", ...defined({ sentAs: sent.as }) }];
  if (sent.is === "doubtful") return doubt(sending, row, sent.why);
  const forms = Number(body["forms"] ?? 0) + 1;
  if (sent.is === "refused" || forms > MOST_FORMS) {
    const name = fileNameOf(body);
    // Whoever reads there waits for it.
    const told =
      name === undefined ? [] : [saying(sending, `${key} refused`, row.place, words.fileRefused(name, sent.why))];
    return [{ send: key, expect: "sending", state: "failed", error: sent.why }, ...told];
  }
  const { plain, place } = sent;
  return [
    {
      send: key,
      expect: "sending",
      state: "waiting",
      error: sent.why,
      body: { ...(plain ? toPlainBody(body) : body), forms },
      ...defined({ place }),
    },
  ];
}

/** Whether the network knows it again, if it comes once more under the same name. */
function mayRepeat({ agent, channel }: ChannelParts, first: number | undefined): boolean {
  const age = first === undefined ? Infinity : agent.clock.now() - first;
  return age >= 0 && age < (channel.sameForMs ?? 0);
}

function afterCrash(parts: ChannelParts, row: OutboxRow): ChannelChange[] {
  const why = "the gateway ended while it was sent";
  const first = row.body?.["doubtSince"];
  const isKnown = first !== undefined && mayRepeat(parts, Number(first));
  return isKnown ? [{ send: row.key, expect: "sending", state: "waiting", error: why }] : doubt(parts, row, why);
}

/**
 * It is not sent again by itself: the chat is told, and whoever reads there decides. What tells it is sent once more, as
 * nothing else says it, and to read it twice harms nobody.
 */
function doubt(sending: ChannelParts, { key, place, body = {} }: OutboxRow, why: string): ChannelChange[] {
  const isNotice = key.endsWith(" doubt #1");
  if (isNotice && body["isRepeated"] !== true)
    return [{ send: key, expect: "sending", state: "waiting", error: why, body: { ...body, isRepeated: true } }];
  const told = isNotice ? [] : [saying(sending, `${key} doubt`, place, words.inDoubt)];
  return [{ send: key, expect: "sending", state: "doubtful", error: why }, ...told];
}

function backoff({ faults }: Sending, place: string): number {
  const count = (faults.get(place) ?? 0) + 1;
  faults.set(place, count);
  return Math.min(500 * 2 ** Math.min(count, 10), LONGEST_BACKOFF_MS);
}

function pause({ agent, timers, look }: Sending, place: string, ms: number): void {
  timers.get(place)?.dispose();
  const timer = agent.clock.at(agent.clock.now() + ms, () => {
    timers.delete(place);
    look();
  });
  timers.set(place, timer);
}
