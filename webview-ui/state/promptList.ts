import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Draft } from "./draft.ts";
import type { Gateway, PromptEntry } from "./panelRoutes.ts";

export type PromptList = ReturnType<typeof createPromptList>;

/** What a send carries: a message, or the name of a prompt with what is typed behind it. `mode`: it is planned first. */
export type Said = ({ message: string } | { prompt: string; arguments: string }) & { mode?: "plan" };

const MOST_SHOWN = 50;

/** The shown session, and which one was read from the store last: another value each time. */
interface ReadSession {
  key: ReadonlySignal<string>;
  read: ReadonlySignal<{ sessionKey: string } | undefined>;
}

/** What was asked for in a session, and what it has. */
interface Reading {
  of: string;
  prompts: Promise<PromptEntry[]>;
}

/** Prompts that are typed by name behind a slash: those of the shown session, read when a slash is first typed in it. */
export function createPromptList(gateway: Gateway, session: ReadSession, draft: Draft) {
  const sessionKey = session.key;
  const known = signal<{ sessionKey: string; prompts: PromptEntry[] }>({ sessionKey: "", prompts: [] });
  const own = computed(() => (known.value.sessionKey === sessionKey.value ? known.value.prompts : []));
  const ask = async (key: string): Promise<PromptEntry[]> => {
    const { prompts } = await gateway.call("prompts.list", { sessionKey: key });
    return prompts.filter(({ problem }) => problem === undefined);
  };
  let reading: Reading | undefined;
  const read = (): Reading => {
    const of = sessionKey.value;
    const mine = { of, prompts: ask(of) };
    reading = mine;
    mine.prompts.then(
      (prompts) => {
        if (reading === mine) known.value = { sessionKey: of, prompts };
      },
      () => {
        // It is asked for again by whoever needs it.
        if (reading === mine) reading = undefined;
      },
    );
    return mine;
  };
  /** Those of the shown session; rejects where they cannot be told. */
  const current = () => (reading?.of === sessionKey.value ? reading : read()).prompts;
  const isCommand = computed(() => draft.text.value.startsWith("/"));
  effect(() => {
    // Anew each time one is begun: files change meanwhile. Before its session was read there is nobody to ask.
    if (isCommand.value && session.read.value?.sessionKey === sessionKey.value) untracked(read);
  });
  return {
    /** Those that begin so, then those in whose name it stands. */
    async find(query: string): Promise<PromptEntry[]> {
      // Where it fails there is nothing to offer.
      const all = await current().catch((): PromptEntry[] => []);
      const wanted = query.toLowerCase();
      const at = ({ name }: PromptEntry) => name.toLowerCase().indexOf(wanted);
      const found = [...all.filter((one) => at(one) === 0), ...all.filter((one) => at(one) > 0)];
      return found.slice(0, MOST_SHOWN);
    },
    /** The prompt that is named in the composer, and what stands behind its name. */
    chosen: computed(() => named(draft.text.value, own.value)),
    /**
     * What a text says in the shown session: one that begins with a slash and no prompt's name is a message like any other. Rejects
     * where it cannot be told whether it is a prompt's.
     */
    async toSaid(text: string): Promise<Said> {
      const found = text.startsWith("/") && split(text) ? named(text, await current()) : undefined;
      return found ? { prompt: found.prompt.name, arguments: found.rest } : { message: text };
    },
    /** What the model would read; undefined where no prompt is named. */
    expand(text: string) {
      const found = named(text, own.value);
      if (!found) return undefined;
      const params = { prompt: found.prompt.name, arguments: found.rest, sessionKey: sessionKey.value };
      return gateway.call("prompts.expand", params);
    },
  };
}

function named(text: string, prompts: PromptEntry[]) {
  const { name, rest = "" } = split(text) ?? {};
  const prompt = prompts.find((one) => one.name === name);
  return prompt && { prompt, rest };
}

/** What may be a prompt's name, and what stands behind it; undefined of a path, as "/usr/bin". */
function split(text: string): { name: string; rest: string } | undefined {
  const [, name, rest = ""] = /^\/([\w-]{1,64})(?:\s+([^]*))?$/.exec(text.trim()) ?? [];
  return name === undefined ? undefined : { name, rest };
}

/** What stands behind a prompt's name. */
export function hintOf({ argumentHint, inputs }: PromptEntry): string {
  return argumentHint ?? inputs.map(({ name, placeholder }) => placeholder ?? name).join(", ");
}
