import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { untrusted } from "../../base/input/untrusted.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { defineTool, type Tool } from "../../core/ports/tool.ts";
import { searchWeb, type SearchSetup, toResultText } from "./searchWeb.ts";

interface Input {
  query: string;
  count?: number | undefined;
}

export interface SearchAccess {
  /** Which engine there is, by the configuration as it is now; undefined when none is set up. */
  setup(): Omit<SearchSetup, "key"> | undefined;
  /** Its key; "" when there is none. */
  key(): Promise<string>;
  clock?: Clock;
}

const NONE = "No search engine is set up: `search:` in openclaw.yml names one (docs/tools.md)";

/** The tool over the one engine that the user set up; where there is none, models are not told of it. */
export function createWebSearch({ setup, key, clock }: SearchAccess): Tool<Input> {
  const engine = () => {
    const found = setup();
    if (!found) throw new AppError("unavailable", NONE);
    return found;
  };
  return defineTool({
    name: "web_search",
    description: "Search the web; read a result with web_fetch.",
    input: z.object({ query: z.string().trim().min(1).max(400), count: z.int().min(1).max(20).optional() }),
    effect: "network",
    looks: () => true,
    isOffered: () => setup() !== undefined,

    async approval({ query }) {
      const { origin, host } = new URL(engine().base);
      const text = `search for ${JSON.stringify(query)} at ${host}`;
      return {
        summary: visibleLine(text),
        subject: { type: "other", text },
        reason: `sends a request to ${host}`,
        safe: false,
        protected: false,
        effects: [{ kind: "connect", place: origin }],
      };
    },

    async run({ query, count = 8 }, { signal }) {
      const found = engine();
      const answer = await searchWeb({ ...found, key: await key() }, { query, count, signal, ...(clock && { clock }) });
      return { text: untrusted(new URL(found.base).host, toResultText(answer, query, count)) };
    },
  });
}
