import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Draft } from "./draft.ts";
import type { Gateway, PromptEntry } from "./panelRoutes.ts";

export type PromptList = ReturnType<typeof createPromptList>;

/** What a send carries: a message, or the name of a prompt with what is typed behind it. `mode`: it is planned first. */
export type Said = ({ message: string } | { prompt: string; arguments: string }) & { mode?: "plan" };

const MOST_SHOWN = 50;

/** Prompts that are typed by name behind a slash: those of the shown session, read when a slash is first typed. */
export function createPromptList(gateway: Gateway, sessionKey: ReadonlySignal<string>, draft: Draft) {
  const known = signal<{ sessionKey: string; prompts: PromptEntry[] }>({ sessionKey: "", prompts: [] });
  const own = computed(() => (known.value.sessionKey === sessionKey.value ? known.value.prompts : []));
  const refresh = async (): Promise<void> => {
    const key = sessionKey.value;
    const { prompts } = await gateway.call("prompts.list", { sessionKey: key });
    known.value = { sessionKey: key, prompts: prompts.filter(({ problem }) => problem === undefined) };
  };
  let reading: Promise<void> | undefined;
  let wasCommand = false;
  draft.text.subscribe((text) => {
    const isCommand = text.startsWith("/");
    // Anew each time one is begun: files change meanwhile. Where it fails there is nothing to offer.
    if (isCommand && !wasCommand) reading = refresh().catch(() => {});
    wasCommand = isCommand;
  });
  const named = (text: string) => {
    const [, name, rest = ""] = /^\/([\w-]{1,64})(?:\s+([^]*))?$/.exec(text.trim()) ?? [];
    const prompt = own.value.find((one) => one.name === name);
    return prompt && { prompt, rest };
  };
  return {
    /** Those that begin so, then those in whose name it stands. */
    async find(query: string): Promise<PromptEntry[]> {
      await reading;
      const wanted = query.toLowerCase();
      const at = ({ name }: PromptEntry) => name.toLowerCase().indexOf(wanted);
      const found = [...own.value.filter((one) => at(one) === 0), ...own.value.filter((one) => at(one) > 0)];
      return found.slice(0, MOST_SHOWN);
    },
    /** The prompt that is named in the composer, and what stands behind its name. */
    chosen: computed(() => named(draft.text.value)),
    /** What a text says: one that begins with a slash and no prompt's name is a message like any other. */
    async toSaid(text: string): Promise<Said> {
      if (text.startsWith("/")) await reading;
      const found = named(text);
      return found ? { prompt: found.prompt.name, arguments: found.rest } : { message: text };
    },
    /** What the model would read; undefined where no prompt is named. */
    expand(text: string) {
      const found = named(text);
      if (!found) return undefined;
      const params = { prompt: found.prompt.name, arguments: found.rest, sessionKey: sessionKey.value };
      return gateway.call("prompts.expand", params);
    },
  };
}

/** What stands behind a prompt's name. */
export function hintOf({ argumentHint, inputs }: PromptEntry): string {
  return argumentHint ?? inputs.map(({ name, placeholder }) => placeholder ?? name).join(", ");
}
