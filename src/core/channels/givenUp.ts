import { CHANNELS } from "../../protocol/outside/channelNames.ts";
import type { Clock } from "../../base/clock.ts";
import type { OutFileStore } from "../../base/files/outFileStore.ts";
import { KEPT_MS, type OutboxRow, UNSENT } from "../ports/outside/channelRows.ts";
import { storedOutFileIds } from "../ports/outside/outFile.ts";
import type { Store } from "../ports/store.ts";

interface Keeping {
  store: Store;
  clock: Clock;
  files: OutFileStore;
}

const AT_ONCE = 1000;
const MOST_ROWS = 10_000_000;

/** See ChannelDesk.forget. */
export async function forgetOver({ store, clock, files }: Keeping, channel: string): Promise<void> {
  await store.commit({ channels: [{ forget: channel, before: clock.now() - KEPT_MS }] });
  const states: OutboxRow["state"][] = [...UNSENT, "doubtful"];
  const rows = await store.listOutbox({ channel, states, withCopies: true, limit: MOST_ROWS });
  await files.tidy(channel, new Set(rows.flatMap(({ body }) => storedOutFileIds(body))));
}

/** See ChannelDesk.giveUp. `isSetUp` of a channel's name; `settled` is told the key of each row that is given up. */
export async function giveUp(
  keeping: Keeping,
  { isSetUp, settled }: { isSetUp: (channel: string) => boolean; settled: (key: string) => void },
): Promise<void> {
  for (const channel of CHANNELS.filter((id) => !isSetUp(id))) {
    await giveUpRows(keeping, channel, settled);
    await forgetOver(keeping, channel);
  }
}

async function giveUpRows({ store, clock }: Keeping, channel: string, settled: (key: string) => void): Promise<void> {
  const before = clock.now() - KEPT_MS;
  const error = `It waited for a week, and no channel ${channel} is set up in openclaw.yml`;
  for (;;) {
    const rows = await store.listOutbox({ channel, states: UNSENT, before, limit: AT_ONCE });
    // Of what was on its way when its gateway ended nobody knows whether it arrived.
    const changes = rows.map(({ key, state: expect }) =>
      expect === "sending"
        ? { send: key, expect, state: "doubtful" as const, error }
        : { send: key, expect, state: "failed" as const, error, body: GIVEN_UP },
    );
    await store.commit({ channels: changes });
    for (const { key } of rows) settled(key);
    if (rows.length < AT_ONCE) return;
  }
}

const GIVEN_UP = { givenUp: true };

/** Whether it is no network that refused a row. */
export function isGivenUp({ body }: OutboxRow): boolean {
  return body?.["givenUp"] === true;
}
