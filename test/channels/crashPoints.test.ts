import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Channel } from "../../src/channels/channel.ts";
import { openTelegram } from "../../src/channels/telegram/telegram.ts";
import { runChannel } from "../../src/channels/running/runChannel.ts";
import type { ChannelAgent } from "../../src/core/ports/outside/channelAgent.ts";
import { type Bench, openBench } from "../core/bench.ts";
import { BOT, startTelegramServer, type TelegramServer } from "../fakes/telegramServer.ts";
import { ANNA } from "./chatBench.ts";

interface Death {
  /** Which of the steps that change something, from 0 on. */
  step: number;
  when: "before" | "after";
}

/** A channel that stops as a killed process does: at a step of its own, done or not, nothing of it happens any more. */
function mortal(agent: ChannelAgent, channel: Channel, death: Death | undefined) {
  const died = Promise.withResolvers<void>();
  const never = new Promise<never>(() => {});
  let steps = 0;
  let isDead = false;
  const die = (): Promise<never> => {
    isDead = true;
    died.resolve();
    return never;
  };
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    const own = steps++;
    if (isDead) return never;
    if (death?.step === own && death.when === "before") return die();
    const done = await work();
    if (isDead) return never;
    return death?.step === own ? die() : done;
  };
  const withSteps = <T extends object>(of: T, changing: (name: string) => boolean): T =>
    new Proxy(of, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          const work = () => (value as (...all: unknown[]) => unknown).apply(target, given);
          if (changing(String(name))) return step(async () => work());
          return isDead ? never : work();
        };
      },
    });
  return {
    agent: {
      ...agent,
      store: withSteps(agent.store, (name) => name === "commit"),
      sessions: withSteps(agent.sessions, (name) => name === "send" || name === "create"),
      events: {
        on: (listener: Parameters<ChannelAgent["events"]["on"]>[0]) =>
          agent.events.on((event) => void (isDead || listener(event))),
      },
    } as ChannelAgent,
    channel: {
      ...withSteps(channel, (name) => name === "send" || name === "receive"),
      show: withSteps(channel.show, () => true),
    } as Channel,
    died: died.promise,
    count: () => steps,
  };
}

async function isSettled({ store }: Bench): Promise<boolean> {
  const open = await store.listInbox({ channel: "telegram", states: ["new", "taken"], limit: 9 });
  const out = await store.listOutbox({ channel: "telegram", states: ["whole", "waiting", "sending"], limit: 9 });
  return open.length + out.length === 0;
}

/** A question and a command, with a death on the way; then another process goes on. Returns how many steps there were. */
async function live(death: Death | undefined): Promise<number> {
  const telegram: TelegramServer = await startTelegramServer();
  const settings = {
    id: "telegram",
    allow: [String(ANNA)],
    session: "chat" as const,
    asks: "own" as const,
    chats: {},
    maxFileBytes: 50_000_000,
  };
  const bench = await openBench({ turns: [["answer 1 ![c](c.png)"], ["answer 2"]], channels: () => [settings] });
  const chats = { [String(ANNA)]: { workspace: bench.folder } };
  Object.assign(settings, { chats });
  const openPicture = async (_: string, name: string) => ({ name, data: Buffer.from("a picture") });
  const open = () => openTelegram({ token: telegram.token, apiRoot: telegram.url, pollSeconds: 1, agent: bench.core });
  const redact = (text: string) => text;
  const first = mortal(bench.core, open(), death);
  const running = runChannel({ ...first, owner: "first", redact, openPicture });
  telegram.say(ANNA, "question");
  telegram.say(ANNA, "/help");
  const settled = async () => {
    const wanted = () => telegram.texts(ANNA).some((text) => text.startsWith("Write what"));
    while (!(wanted() || (await hasDoubt(bench))) || !(await isSettled(bench))) await setTimeout(20);
  };
  let close = () => running.close();
  if (death) {
    await first.died;
    const lease = await bench.store.getLease(`channel:telegram:${BOT.id}`);
    if (lease) await bench.store.dropLease(`channel:telegram:${BOT.id}`, lease.holder.nonce);
    const next = runChannel({ agent: bench.core, channel: open(), owner: "second", redact, openPicture });
    close = () => next.close();
  }
  await settled();
  await close();
  await telegram.close();
  const doubtful = await bench.store.listOutbox({ channel: "telegram", states: ["doubtful"], limit: 9 });
  const texts = telegram.texts(ANNA);
  const where = `${JSON.stringify(death)}: ${JSON.stringify(texts)}`;
  const files = telegram.sent.flatMap(({ file }) => (file ? `the file ${file.name}: ${file.data.toString()}` : []));
  for (const begins of ["answer 1", "Write what", "the file c.png: a picture"]) {
    const times = [...texts, ...files].filter((text) => text.startsWith(begins)).length;
    if (times !== 1) expect({ where, times, doubtful: doubtful.length }).toEqual({ where, times: 0, doubtful: 1 });
  }
  expect(bench.model.requests.length, where).toBe(1);
  expect(texts.filter((text) => text.startsWith("The connection broke")).length, where).toBe(doubtful.length);
  expect(
    telegram.sent.filter(({ silent, deleted }) => silent && !deleted),
    where,
  ).toEqual([]);
  return first.count();
}

async function hasDoubt({ store }: Bench): Promise<boolean> {
  return (await store.listOutbox({ channel: "telegram", states: ["doubtful"], limit: 1 })).length > 0;
}

test.each(["before", "after"] as const)(
  "killed %s each step from receiving to sending, it answers each message once, or says that it is in doubt",
  async (when) => {
    const steps = await live(undefined);
    expect(steps).toBeGreaterThan(12);
    const deaths = Array.from({ length: Math.min(steps, 24) }, (_, step) => ({ step, when }));
    for (let at = 0; at < deaths.length; at += 12) await Promise.all(deaths.slice(at, at + 12).map(live));
  },
);
