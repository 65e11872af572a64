import { expect, onTestFinished } from "vitest";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import type { Disposable } from "../../src/base/disposable.ts";
import { openPicture } from "../../src/app/readable.ts";
import { openTelegram } from "../../src/channels/telegram/telegram.ts";
import type { WebhookSettings } from "../../src/channels/telegram/registration.ts";
import { runChannel, type RunChannelOptions } from "../../src/channels/running/runChannel.ts";
import type { ChannelSettings } from "../../src/core/ports/outside/channelDesk.ts";
import { type Bench, type BenchOptions, openBench } from "../core/bench.ts";
import { startTelegramServer, type TelegramServer } from "../fakes/telegramServer.ts";

export const ANNA = 111;
export const BORIS = 222;
export const STRANGER = 666;
export const GROUP = { id: -100_777, type: "supergroup", title: "Team" };

/** What is seen of a far end or of the store some time after it was done, however busy the machine is. */
export function poll<T>(look: () => T) {
  return expect.poll(look);
}

/**
 * The system's clock, of which a test sees each wait, in exactly the milliseconds that it was asked for. Where `wait` gives nothing, it is
 * waited as ever.
 */
export function createSeenClock(wait: (ms: number, fn: () => void) => Disposable | undefined): Clock {
  let now = 0;
  return {
    ...systemClock,
    now: () => (now = systemClock.now()),
    at: (time, fn) => wait(time - now, fn) ?? systemClock.at(time, fn),
  };
}

/** The system's clock, ahead by so much until it is set right. */
export function createAheadClock(aheadMs: number): Clock & { setBack(): void } {
  let ahead = aheadMs;
  return {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    at: (time, fn) => systemClock.at(time - ahead, fn),
    setBack: () => void (ahead = 0),
  };
}

export interface ChatBench {
  bench: Bench;
  telegram: TelegramServer;
  settings: ChannelSettings;
  /** Ends the channel as a process that closes does. */
  close(): Promise<void>;
  /** Runs it (again), over the same core; by this webhook, where one is given, from then on. */
  run(more?: Partial<RunChannelOptions> & { webhook?: WebhookSettings | undefined }): void;
}

/** A whole core that answers as a bot of Telegram, whose far end is a server of this test. */
export async function openChat({
  settings: given,
  telegram: server,
  webhook,
  ...options
}: Omit<BenchOptions, "settings" | "channels"> & {
  settings?: Partial<ChannelSettings>;
  agent?: BenchOptions["settings"];
  telegram?: TelegramServer;
  webhook?: (bench: Bench) => Promise<WebhookSettings>;
} = {}): Promise<ChatBench> {
  const telegram = server ?? (await startTelegramServer());
  const settings: ChannelSettings = {
    id: "telegram",
    allow: [String(ANNA), String(BORIS)],
    session: "chat",
    asks: "own",
    chats: {},
    maxFileBytes: 50_000_000,
    ...given,
  };
  const { agent, ...more } = options;
  const bench = await openBench({ ...more, ...(agent ? { settings: agent } : {}), channels: () => [settings] });
  let running: { close(): Promise<void> } | undefined;
  let current = await webhook?.(bench);
  const run: ChatBench["run"] = (given = {}) => {
    const { webhook: next, ...how } = { webhook: current, ...given };
    current = next;
    const channel = openTelegram({
      ...{ token: telegram.token, apiRoot: telegram.url, agent: bench.core, webhook: current },
      ...(current ? { pollSeconds: 1, lookSeconds: 0 } : { pollSeconds: 5 }),
    });
    const redact = options.redact ?? ((text: string) => text);
    running = runChannel({
      agent: bench.core,
      channel,
      owner: "test",
      redact,
      openPicture: (folder, path) => openPicture(folder, path, []),
      ...how,
    });
  };
  run();
  // Before the core is closed, which was opened earlier.
  onTestFinished(async () => {
    await running?.close();
    if (!server) await telegram.close();
  });
  return {
    bench,
    telegram,
    settings,
    run,
    async close() {
      await running?.close();
      running = undefined;
    },
  };
}
