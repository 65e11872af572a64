import type { ServerResult } from "../tools/resultText.ts";
import { type CallUnderWay, toCalls } from "./callsUnderWay.ts";
import type { Server } from "./server.ts";

/** What a server fails a call with that needs a person to have been at a page first. */
const NEEDS_PAGES = -32042;
const MOST_PAGES = 5;

interface Page {
  message: string;
  url: string;
}

/** The pages that a person has to open before a call is made again; undefined for any other fault. */
export function neededPages(error: unknown): Page[] | undefined {
  const { code, data } = error as { code?: unknown; data?: { elicitations?: unknown } };
  if (code !== NEEDS_PAGES || !Array.isArray(data?.elicitations)) return undefined;
  const pages = (data.elicitations as Partial<Page>[]).filter(
    (page): page is Page => typeof page?.message === "string" && typeof page.url === "string",
  );
  return pages.length > 0 ? pages.slice(0, MOST_PAGES) : undefined;
}

/** Asks the user to open them, and tells the model what came of it. Nobody says here when they are done with a page. */
export async function askForPages(
  server: Server,
  pages: Page[],
  { underWay, signal }: { underWay: CallUnderWay; signal: AbortSignal },
): Promise<ServerResult> {
  const over = AbortSignal.any([signal, server.closed.signal]);
  for (const page of pages) {
    const { action } = await server.parts.questions.ask(server.name, { ...page, ...toCalls([underWay]) }, over);
    signal.throwIfAborted();
    if (action !== "accept")
      return failed("It did nothing: the user has to open a page for it first, and did not agree to.");
  }
  return failed(
    "It did nothing yet: it needs the user at a page first, which they have opened now. Ask them to say when they are done there, and call it again then.",
  );
}

function failed(text: string): ServerResult {
  return { isError: true, content: [{ type: "text", text }] };
}
