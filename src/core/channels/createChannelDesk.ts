import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { Emitter } from "../../base/emitter.ts";
import { newId } from "../../base/id.ts";
import { quotedLine } from "../../base/text/visible.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import { forbidsMessage, messagePlace } from "../../rules/messagePlace.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { ChannelPerson, ListedChannel } from "../../protocol/outside/channelState.ts";
import type { ChannelDesk, ChannelReport, ChannelRestart, ChannelSettings } from "../ports/outside/channelDesk.ts";
import type { OutFileStore } from "../../base/files/outFileStore.ts";
import { type OutboxRow, UNSENT } from "../ports/outside/channelRows.ts";
import type { IdempotencyRecord, Keep } from "../ports/batch.ts";
import type { Store } from "../ports/store.ts";
import { chatNames } from "./chatNames.ts";
import { createChannelPosts } from "./createChannelPosts.ts";
import { chatAddress } from "./chatAddress.ts";
import { forgetOver, giveUp } from "./givenUp.ts";
import { checkFile, storeOutFile } from "./storeOutFile.ts";
import { confirmPairing, listPending, offerPairing } from "./pairing.ts";

export interface ChannelDeskOptions {
  store: Store;
  clock: Clock;
  /** Those of openclaw.yml; none when not given. */
  channels?: () => ChannelSettings[];
  /** Where copies of files are kept that go out; absent: none can. */
  files?: OutFileStore;
  /** Takes secrets out of what goes to others. */
  redact?: (text: string) => string;
  /** Whether what is known to be secret stands in these bytes; by default nothing is. */
  holdsSecret?: (data: Buffer) => Promise<boolean>;
  /** Rules of openclaw.yml. */
  rules?: () => Rule[];
  /** Tells everybody that a channel is not as it was. */
  tell?: (fact: { type: "channel.changed"; channel: string }) => void;
}

/** What the desk's operations share. */
interface Parts extends ChannelDeskOptions {
  files: OutFileStore;
  reports: Map<string, ChannelReport>;
  /** Of one channel, what lets people in or out goes one after another. */
  lanes: Lanes;
  changes: Emitter<string>;
  restarts: Emitter<ChannelRestart>;
  settling: Emitter<string>;
}

const MOST_COUNTED = 1000;

const NO_FILES: OutFileStore = {
  async keep() {
    throw new AppError("unavailable", "This gateway keeps no files, and sends none");
  },
  async read() {
    return undefined;
  },
  async drop() {},
  async tidy() {},
};

export function createChannelDesk(options: ChannelDeskOptions): ChannelDesk {
  const { store, files = NO_FILES, holdsSecret = async () => false } = options;
  const changes = new Emitter<string>();
  const restarts = new Emitter<ChannelRestart>();
  const settling = new Emitter<string>();
  const parts: Parts = { ...options, files, reports: new Map(), lanes: new Lanes(), changes, restarts, settling };
  return {
    list: () => Promise.all((options.channels?.() ?? []).map((one) => toListed(parts, one))),
    settings: (channel) => settingsOf(parts, channel),
    report: (channel, told) => report(parts, channel, told),
    onChange: (listener) => changes.on(listener),
    tell: (channel) => tell(parts, channel),
    restart: (wanted) => restart(parts, wanted),
    onRestart: (listener) => restarts.on(listener),
    admits: (channel, person) => admits(parts, channel, person),
    offer: (channel, person) => offer(parts, channel, person),
    pair: (channel, given, keep) => pair(parts, channel, given, keep),
    remove: (channel, person, answers = []) => removePerson(parts, channel, person, answers),
    mute: (channel, muted) => mute(parts, channel, muted),
    isMuted: (channel) => hasNote(parts, channel, "muted"),
    posts: createChannelPosts(),
    files,
    checkFile: (channel, file) => checkFile(holdsSecret, demand(parts, channel), file),
    async keep(channel, file) {
      const settings = demand(parts, channel);
      await checkFile(holdsSecret, settings, file);
      return storeOutFile(files, settings, file);
    },
    chatOf: (channel, sessionKey) => chatOf(parts, channel, sessionKey),
    names: (channel, place) => chatNames(store, channel, place),
    forbids: (channel, names) => forbids(parts, channel, names),
    toSend: (message) => toSend(parts, message),
    send: (message, keep) => send(parts, message, keep),
    forget: (channel) => forgetOver(parts, channel),
    giveUp: () =>
      giveUp(parts, {
        isSetUp: (id) => settingsOf(parts, id) !== undefined,
        settled: (key) => settling.emit(key),
      }),
    nudge: (channel) => changes.emit(channel),
    settled: (key) => settling.emit(key),
    onSettled: (listener) => settling.on(listener),
  };
}

function settingsOf({ channels }: Parts, id: string): ChannelSettings | undefined {
  return channels?.().find((one) => one.id === id);
}

function demand(parts: Parts, channel: string): ChannelSettings {
  const found = settingsOf(parts, channel);
  if (!found) throw new AppError("not_found", `No channel ${quotedLine(channel)} is set up in openclaw.yml`);
  return found;
}

function tell(parts: Parts, channel: string): void {
  parts.tell?.({ type: "channel.changed", channel });
}

function report(parts: Parts, channel: string, told: ChannelReport): void {
  const isNew = JSON.stringify(parts.reports.get(channel)) !== JSON.stringify(told);
  parts.reports.set(channel, told);
  if (isNew) tell(parts, channel);
}

function restart(parts: Parts, wanted: ChannelRestart): void {
  const { id } = demand(parts, wanted.channel);
  // What it was before is not how it went: whoever asks next would take it for that.
  report(parts, id, { state: "starting" });
  parts.restarts.emit({ ...wanted, channel: id });
}

function offer(parts: Parts, channel: string, person: { id: string; name: string }): ReturnType<ChannelDesk["offer"]> {
  return parts.lanes.run(channel, async () => {
    const offered = await offerPairing(parts, channel, person);
    if (offered?.code !== undefined) tell(parts, channel);
    return offered;
  });
}

function pair(
  parts: Parts,
  channel: string,
  given: { code: string; by: string },
  keep?: Keep<ChannelPerson>,
): Promise<ChannelPerson> {
  return parts.lanes.run(channel, () =>
    confirmPairing(parts, demand(parts, channel).id, given, keep).finally(() => tell(parts, channel)),
  );
}

async function removePerson(
  parts: Parts,
  channel: string,
  person: string,
  answers: IdempotencyRecord[],
): Promise<void> {
  if (demand(parts, channel).allow.includes(person))
    throw new AppError("conflict", `${person} may talk on ${channel} by openclaw.yml, and is removed there`);
  await parts.lanes.run(channel, async () => {
    const given = [`person:${person}`, `pending:${person}`];
    const [isPaired, isPending] = await Promise.all(given.map((key) => hasNote(parts, channel, key)));
    if (!isPaired && !isPending)
      throw new AppError("not_found", `${quotedLine(person)} is not paired on ${channel}, and does not wait to be`);
    // Who was in may be meant to come in anew; who was refused is told nothing more today.
    const keys = isPaired ? [...given, `told:${person}`] : given;
    await parts.store.commit({ answers, channels: keys.map((key) => ({ note: { channel, key }, value: null })) });
  });
  parts.changes.emit(channel);
  tell(parts, channel);
}

async function mute(parts: Parts, channel: string, muted: boolean): Promise<void> {
  demand(parts, channel);
  await parts.store.commit({ channels: [{ note: { channel, key: "muted" }, value: muted ? {} : null }] });
  parts.changes.emit(channel);
  tell(parts, channel);
}

async function chatOf({ store }: Parts, channel: string, sessionKey: string): Promise<string | undefined> {
  const chats = await store.listNotes(channel, "chat:");
  // A group that has got another address is at that one.
  const left = new Set(chats.map(({ value }) => value["movedFrom"]));
  const places = chats
    .filter(({ value }) => value["sessionKey"] === sessionKey)
    .map(({ key }) => key.slice("chat:".length))
    .filter((place) => !left.has(place));
  return places.length === 1 ? places[0] : undefined;
}

function forbids({ rules }: Parts, channel: string, names: string[]): boolean {
  return (rules?.() ?? []).some(
    ({ deny, channel: of, to }) => deny === "message" && forbidsMessage(messagePlace(channel, ...names), of, to),
  );
}

async function toSend(parts: Parts, message: Parameters<ChannelDesk["toSend"]>[0]): ReturnType<ChannelDesk["toSend"]> {
  const { key, channel, to, text, files = [], runId, byAgent } = message;
  const { redact = (plain) => plain } = parts;
  const names = await addressOf(parts, demand(parts, channel), to);
  const place = names[0]!;
  if (byAgent && forbids(parts, channel, names))
    throw new AppError("forbidden", `A rule keeps the agent from the chat ${quotedLine(place)} on ${channel}`);
  const body = { text: redact(text), ...(files.length > 0 ? { files } : {}), ...defined({ runId, byAgent }) };
  return { put: { key, channel, place, state: "whole", body } };
}

async function send(parts: Parts, message: Parameters<ChannelDesk["send"]>[0], keep?: Keep<string>): Promise<string> {
  const key = newId("out");
  try {
    const row = await toSend(parts, { ...message, key });
    await parts.store.commit({ channels: [row], answers: keep?.(key) ?? [] });
  } catch (error) {
    await Promise.all((message.files ?? []).map((one) => parts.files.drop(one.kept)));
    throw error;
  }
  parts.changes.emit(message.channel);
  return key;
}

async function hasNote({ store }: Parts, channel: string, key: string): Promise<boolean> {
  return (await store.listNotes(channel, key)).some((note) => note.key === key);
}

async function admits(parts: Parts, channel: string, person: string): Promise<ChannelPerson["by"] | undefined> {
  if (settingsOf(parts, channel)?.allow.includes(person)) return "allow";
  return (await hasNote(parts, channel, `person:${person}`)) ? "pairing" : undefined;
}

/**
 * All addresses of a chat, the newest first. Nobody is written to who has not been let in: it is a chat of one who may talk, or one
 * that such a person has talked in.
 */
async function addressOf(parts: Parts, settings: ChannelSettings, to: string | undefined): Promise<string[]> {
  const { id, allow, chats } = settings;
  const named = to ?? allow[0];
  if (named === undefined)
    throw new AppError("bad_request", `to: nobody stands in channels.${id}.allow, so that an address has to be given`);
  const place = chatAddress(id, named);
  const names = await chatNames(parts.store, id, place);
  const isKnown = async (name: string): Promise<boolean> => {
    const chat = name.split(":")[0]!;
    return (
      allow.includes(chat) ||
      Object.hasOwn(chats, name) ||
      (await admits(parts, id, chat)) !== undefined ||
      (await hasNote(parts, id, `chat:${name}`))
    );
  };
  for (const name of names) if (await isKnown(name)) return names;
  throw new AppError("forbidden", `Nobody who may talk on ${id} has a chat ${quotedLine(place)}`);
}

async function toListed(parts: Parts, { id, allow }: ChannelSettings): Promise<ListedChannel> {
  const { store, reports } = parts;
  const { state = "off", account, error, retryAt, webhook = null } = reports.get(id) ?? {};
  const people = await store.listNotes(id, "person:");
  const rowsOf = (...states: OutboxRow["state"][]) => store.listOutbox({ channel: id, states, limit: MOST_COUNTED });
  const refused = await rowsOf("failed");
  const last = refused.at(-1);
  return {
    id,
    state: (await hasNote(parts, id, "muted")) ? "muted" : state,
    account: account ?? null,
    error: error ?? null,
    retryAt: retryAt === undefined ? null : isoTime(retryAt),
    webhook,
    people: [
      ...allow.map((person) => ({ id: person, name: null, by: "allow" as const })),
      ...people
        .map(({ key, value }) => ({
          id: key.slice("person:".length),
          name: String(value["name"]),
          by: "pairing" as const,
        }))
        .filter((person) => !allow.includes(person.id)),
    ],
    pending: (await listPending(parts, id)).map((one) => ({
      id: one.id,
      name: one.value.name,
      expiresAt: isoTime(one.value.expiresAt),
    })),
    waiting: (await rowsOf(...UNSENT)).length,
    inDoubt: (await rowsOf("doubtful")).length,
    refused: refused.length,
    refusal: last ? `${last.place}: ${last.error ?? ""}` : null,
  };
}
