import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { guardedFetch, type GuardedResponse } from "../net/guardedFetch.ts";
import { createNetworkGuard, type NetworkGuard } from "../net/networkGuard.ts";
import { visible, visibleLine } from "../base/visible.ts";
import { defineTool, type Tool } from "../core/ports/tool.ts";
import { htmlText, htmlTitle } from "./web/htmlText.ts";
import { untrusted } from "./web/untrusted.ts";
import { headOf } from "../base/cutText.ts";

interface Input {
  url: string;
  maxChars?: number | undefined;
}

/** The tool over a guard of one's own; tests and a setting let it reach this machine. */
export function createWebFetch(guard: NetworkGuard): Tool<Input> {
  return defineTool({
    name: "web_fetch",
    description: "Get a web page as text. Only public addresses.",
    input: z.object({ url: z.string(), maxChars: z.int().min(100).max(200_000).optional() }),
    effect: "network",

    async approval({ url }) {
      const checked = await guard.check(url);
      const text = `GET ${visible(checked.href)}`;
      return {
        summary: visibleLine(text),
        subject: { type: "other", text },
        reason: `sends a request to ${checked.host}`,
        safe: false,
        protected: false,
        scope: `web_fetch:${checked.origin}`,
      };
    },

    async run({ url, maxChars = 30_000 }, { signal }) {
      const response = await guardedFetch(guard, url, { headers: HEADERS, signal });
      const text = readable(response);
      const cut =
        text.length > maxChars ? `${headOf(text, maxChars)}\n[${text.length - maxChars} more characters]` : text;
      const failed = response.status >= 400;
      const status = failed ? `${response.url} answered with status ${response.status}.\n` : "";
      return { text: status + untrusted(response.url, cut), ...(failed ? { isError: true } : {}) };
    },
  });
}

export const webFetch = createWebFetch(createNetworkGuard());

const HEADERS = {
  accept: "text/html,application/xhtml+xml,text/markdown,text/plain,application/json;q=0.9,*/*;q=0.5",
  "user-agent": "Pincer/0.1 (web_fetch)",
};

function readable(response: GuardedResponse): string {
  const type = response.headers["content-type"] ?? "text/plain";
  const kind = type.split(";")[0]!.trim().toLowerCase();
  const isText = /^text\/|[/+](json|xml|yaml|javascript|x-sh)$|^application\/(xhtml\+xml|rtf|sql|toml|x-ndjson)$/.test(
    kind,
  );
  if (!isText && response.body.length > 0) {
    throw new AppError("bad_request", `${response.url} is ${kind} (${response.body.length} bytes), which is no text`);
  }
  const text = decode(response.body, /charset="?([\w-]+)/i.exec(type)?.[1]);
  const note = response.truncated ? "\n[the page is longer]" : "";
  if (!/html/.test(kind)) return text + note;
  const title = htmlTitle(text);
  return `${title ? `Title: ${title}\n\n` : ""}${htmlText(text, response.url)}${note}`;
}

function decode(body: Buffer, charset: string | undefined): string {
  const named = charset ?? /<meta[^>]+charset=["']?([\w-]+)/i.exec(body.subarray(0, 2048).toString("latin1"))?.[1];
  try {
    return new TextDecoder(named ?? "utf-8").decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}
