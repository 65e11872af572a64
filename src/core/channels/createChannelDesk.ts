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

interface Parts extends ChannelDeskOptions {
  reports: Map<string, ChannelReport>;
}

const MOST_COUNTED = 1000;

export function createChannelDesk(options: ChannelDeskOptions): ChannelDesk {
  const { store, files = NO_FILES, redact = (text) => text, holdsSecret = async () => false } = options;
  const parts: Parts = { ...options, reports: new Map() };
  const changes = new Emitter<string>();
  const restarts = new Emitter<ChannelRestart>();
  const settling = new Emitter<string>();
  const tell = (channel: string) => options.tell?.({ type: "channel.changed", channel });
  const lanes = new Lanes();
  const demand = (channel: string): ChannelSettings => {
    const found = settingsOf(parts, channel);
    if (!found) throw new AppError("not_found", `No channel ${quotedLine(channel)} is set up in openclaw.yml`);
    return found;
  };
  const report: ChannelDesk["report"] = (channel, told) => {
    const isNew = JSON.stringify(parts.reports.get(channel)) !== JSON.stringify(told);
    parts.reports.set(channel, told);
    if (isNew) tell(channel);
  };
  const forbids: ChannelDesk["forbids"] = (channel, names) =>
    (options.rules?.() ?? []).some(
      ({ deny, channel: of, to }) => deny === "message" && forbidsMessage(messagePlace(channel, ...names), of, to),
    );
  const toSend: ChannelDesk["toSend"] = async ({ key, channel, to, text, files: kept = [], runId, byAgent }) => {
    const names = await addressOf(parts, demand(channel), to);
    const place = names[0]!;
    if (byAgent && forbids(channel, names))
      throw new AppError("forbidden", `A rule keeps the agent from the chat ${quotedLine(place)} on ${channel}`);
    const body = { text: redact(text), ...(kept.length > 0 ? { files: kept } : {}), ...defined({ runId, byAgent }) };
    return { put: { key, channel, place, state: "whole", body } };
  };
  return {
    list: () => Promise.all((options.channels?.() ?? []).map((one) => toListed(parts, one))),
    settings: (channel) => settingsOf(parts, channel),
    report,
    onChange: (listener) => changes.on(listener),
    tell,
    restart(wanted) {
      const { id } = demand(wanted.channel);
      // What it was before is not how it went: whoever asks next would take it for that.
      report(id, { state: "starting" });
      restarts.emit({ ...wanted, channel: id });
    },
    onRestart: (listener) => restarts.on(listener),
    admits: (channel, person) => admits(parts, channel, person),
    offer: (channel, person) =>
      lanes.run(channel, async () => {
        const offered = await offerPairing(parts, channel, person);
        if (offered?.code !== undefined) tell(channel);
        return offered;
      }),
    pair: (channel, given, keep) =>
      lanes.run(channel, () => confirmPairing(parts, demand(channel).id, given, keep).finally(() => tell(channel))),
    async remove(channel, person, answers = []) {
      if (demand(channel).allow.includes(person))
        throw new AppError("conflict", `${person} may talk on ${channel} by openclaw.yml, and is removed there`);
      await lanes.run(channel, async () => {
        const given = [`person:${person}`, `pending:${person}`];
        const [isPaired, isPending] = await Promise.all(given.map((key) => hasNote(parts, channel, key)));
        if (!isPaired && !isPending)
          throw new AppError("not_found", `${quotedLine(person)} is not paired on ${channel}, and does not wait to be`);
        // Who was in may be meant to come in anew; who was refused is told nothing more today.
        const keys = isPaired ? [...given, `told:${person}`] : given;
        await store.commit({ answers, channels: keys.map((key) => ({ note: { channel, key }, value: null })) });
      });
      changes.emit(channel);
      tell(channel);
    },
    async mute(channel, muted) {
      demand(channel);
      await store.commit({ channels: [{ note: { channel, key: "muted" }, value: muted ? {} : null }] });
      changes.emit(channel);
      tell(channel);
    },
    isMuted: (channel) => hasNote(parts, channel, "muted"),
    posts: createChannelPosts(),
    files,
    checkFile: (channel, file) => checkFile(holdsSecret, demand(channel), file),
    async keep(channel, file) {
      const settings = demand(channel);
      await checkFile(holdsSecret, settings, file);
      return storeOutFile(files, settings, file);
    },
    async chatOf(channel, sessionKey) {
      const chats = await store.listNotes(channel, "chat:");
      // A group that has got another address is at that one.
      const left = new Set(chats.map(({ value }) => value["movedFrom"]));
      const places = chats
        .filter(({ value }) => value["sessionKey"] === sessionKey)
        .map(({ key }) => key.slice("chat:".length))
        .filter((place) => !left.has(place));
      return places.length === 1 ? places[0] : undefined;
    },
    names: (channel, place) => chatNames(store, channel, place),
    forbids,
    toSend,
    async send(message, keep) {
      const key = newId("out");
      try {
        await store.commit({ channels: [await toSend({ ...message, key })], answers: keep?.(key) ?? [] });
      } catch (error) {
        await Promise.all((message.files ?? []).map((one) => files.drop(one.kept)));
        throw error;
      }
      changes.emit(message.channel);
      return key;
    },
    forget: (channel) => forgetOver({ store, clock: options.clock, files }, channel),
    giveUp: () =>
      giveUp(
        { store, clock: options.clock, files },
        { isSetUp: (id) => settingsOf(parts, id) !== undefined, settled: (key) => settling.emit(key) },
      ),
    nudge: (channel) => changes.emit(channel),
    settled: (key) => settling.emit(key),
    onSettled: (listener) => settling.on(listener),
  };
}

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

function settingsOf({ channels }: Parts, id: string): ChannelSettings | undefined {
  return channels?.().find((one) => one.id === id);
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
