import type { Disposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { ProviderEntry } from "../../core/models/catalog.ts";
import type { Store } from "../../core/ports/store.ts";

const KEY = "stored keys";
const LOOK_MS = 30_000;

interface Place {
  store: Pick<Store, "commit" | "listHolds">;
  /** As which worker this process works. */
  nonce: string;
}

/** Says to the other processes, while this one works, for which providers its editor keeps a key. Never the keys. */
export function tellKeys(
  options: Place & { owner: string; providers: () => ProviderEntry[]; log: Log },
): Disposable & { look(): Promise<void> } {
  const { store, nonce, owner, providers, log } = options;
  let isOver = false;
  const look = async (): Promise<void> => {
    try {
      const sources = await Promise.all(
        providers().map(async ({ provider, keySource }) => ({ id: provider.id, source: await keySource?.() })),
      );
      const kept = sources.filter(({ source }) => source?.from === "stored").map(({ id }) => id);
      const told = (await store.listHolds({ keys: [KEY], owner: nonce })).find((one) => one.owner === nonce);
      if (isOver || String(told?.value.providers ?? "") === kept.join()) return;
      const value = { owner, providers: kept };
      await store.commit({ holds: [{ put: { id: `${KEY} ${nonce}`, keys: [KEY], owner: nonce, value } }] });
    } catch (error) {
      if (!isOver) log.debug("Others could not be told which keys are kept here", { error: describeError(error) });
    }
  };
  void look();
  const timer = setInterval(() => void look(), LOOK_MS).unref();
  return {
    look,
    dispose() {
      isOver = true;
      clearInterval(timer);
    },
  };
}

/** Who else keeps a key of that provider, for people, as in "Cursor 4711". */
export async function keyElsewhere({ store, nonce }: Place, provider: string): Promise<string | undefined> {
  const held = await store.listHolds({ keys: [KEY], owner: nonce });
  const others = held.filter((one) => one.owner !== nonce && (one.value.providers as string[]).includes(provider));
  return others[0] && String(others[0].value.owner);
}
