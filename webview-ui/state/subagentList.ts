import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Gateway, PanelRoutes } from "./panelRoutes.ts";
import type { SessionList } from "./sessionList.ts";

export type SubagentEntry = PanelRoutes["subagents.list"]["output"]["subagents"][number];

export type SubagentList = ReturnType<typeof createSubagentList>;

/** What they do changes with each step, which only they are told of. */
const LOOK_MS = 2000;

/** The sub-agents of the shown session by their keys, with what they do: looked at while one is at work, and when one changes. */
export function createSubagentList(gateway: Gateway, shown: ReadonlySignal<string>, { entries }: SessionList) {
  const found = signal<ReadonlyMap<string, SubagentEntry>>(new Map());
  const children = computed(() => [...entries.value.values()].filter(({ parentKey }) => parentKey === shown.value));
  const isBusy = computed(() => children.value.some(({ state }) => state !== "idle" && state !== "failed"));
  const states = computed(() => children.value.map(({ key, state }) => `${key} ${state}`).join());

  const look = async (sessionKey: string): Promise<void> => {
    const { subagents } = await gateway.call("subagents.list", { sessionKey });
    if (sessionKey === shown.peek()) found.value = new Map(subagents.map((entry) => [entry.key, entry]));
  };
  // A gateway that is away is told of elsewhere, and asked again.
  const lookQuietly = () => void look(shown.peek()).catch(() => undefined);
  effect(() => {
    if (states.value === "") found.value = new Map();
    else lookQuietly();
  });
  effect(() => {
    if (!isBusy.value) return;
    const timer = setInterval(lookQuietly, LOOK_MS);
    return () => clearInterval(timer);
  });
  return { find: (key: string) => found.value.get(key) };
}
