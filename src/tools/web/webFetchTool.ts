import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { guardedFetch, type GuardedResponse } from "../../net/guardedFetch.ts";
import { createNetworkGuard, type NetworkGuard } from "../../net/networkGuard.ts";
import { visible, visibleLine } from "../../base/text/visible.ts";
import { isLoopback } from "../../net/loopback.ts";
import { defineTool, type Tool, type ToolContext } from "../../core/ports/tool.ts";
import { forbidsAddress } from "../../rules/farAddress.ts";
import { readPackings } from "../../net/unpackBody.ts";
import { decodeText } from "./decodeText.ts";
import { closedTags, htmlText } from "../text/htmlText.ts";
import { untrusted } from "../../base/input/untrusted.ts";
import { headOf } from "../../base/cutText.ts";
import { sizeWords } from "../../base/text/sizeWords.ts";
import { givenRules } from "../../rules/reach.ts";
import { type DocumentPart, type DocumentRequest, readDocument } from "../documents/readDocument.ts";

interface Input {
  url: string;
  maxChars?: number | undefined;
}

/**
 * The tool over its guards. `own` is for addresses of this machine, where they are allowed: a page of elsewhere that sends
 * a request on to one is refused.
 */
export function createWebFetch(guard: NetworkGuard, own: NetworkGuard = guard): Tool<Input> {
  const guardFor = (url: string, { allowLoopback = false }: ToolContext): NetworkGuard => {
    const isOwn = URL.canParse(url) && isLoopback(new URL(url).hostname);
    if (isOwn && !allowLoopback && own !== guard)
      throw new AppError(
        "forbidden",
        `${new URL(url).host} is this machine; browser.allowLoopback in openclaw.yml lets it be asked`,
      );
    return isOwn ? own : guard;
  };
  return defineTool({
    name: "web_fetch",
    description: "Get a web page, PDF or notebook as text.",
    input: z.object({ url: z.string(), maxChars: z.int().min(100).max(200_000).optional() }),
    effect: "network",
    // It is asked about, or a rule allows it, as ever.
    looks: () => true,

    async approval({ url }, context) {
      // Nothing is sent before the answer, and a question to a resolver is sent.
      const checked = guardFor(url, context).read(url);
      const text = `GET ${visible(checked.href)}`;
      return {
        summary: visibleLine(text),
        subject: { type: "other", text },
        reason: `sends a request to ${checked.host}`,
        safe: false,
        protected: false,
        effects: [{ kind: "connect", place: checked.origin }],
      };
    },

    async run({ url, maxChars = 30_000 }, context) {
      const { signal } = context;
      const admit = admitted(context);
      const response = await guardedFetch(guardFor(url, context), url, { headers: HEADERS, signal, admit });
      const { status, body } = response;
      const failed = status >= 400;
      const said = `${response.url} answered with status ${status}`;
      const isError = failed && { isError: true };
      if (body.length === 0) return { text: `${said} and no text.`, ...isError };
      const { text, images } = await readable(response, signal);
      const head = headOf(text, maxChars);
      const cut = head.length < text.length ? `${head}\n[${text.length - head.length} more characters]` : text;
      return {
        text: (failed ? `${said}.\n` : "") + untrusted(response.url, cut),
        ...(images && { images }),
        ...isError,
      };
    },
  });
}

/** Throws `forbidden` for an address that a rule denies, though one that is allowed leads there. */
function admitted({ commands }: ToolContext): (url: string) => void {
  const rules = givenRules(commands);
  return (url) => {
    const why = forbidsAddress(rules, url, { deeds: ["web_fetch"] });
    if (why !== undefined) throw new AppError("forbidden", why);
  };
}

export const webFetch = createWebFetch(createNetworkGuard(), createNetworkGuard({ allowLoopback: true }));

const HEADERS = {
  accept:
    "text/html,application/xhtml+xml,text/markdown,text/plain,application/json;q=0.9,application/pdf;q=0.8,*/*;q=0.5",
  "user-agent": "Pincer/0.1 (web_fetch)",
};

async function readable(response: GuardedResponse, signal: AbortSignal): Promise<DocumentPart> {
  const { url, headers, body, truncated } = response;
  const type = headers["content-type"] ?? "";
  const kind = kindOf(response);
  const packing = headers["content-encoding"];
  if (!readPackings(packing)) throw new AppError("bad_request", `${url} is packed as "${packing}", which is not known`);
  if (kind === "application/pdf") return await documentOf("pdf", response, signal);
  if (isNotebook(kind, response)) return await documentOf("notebook", response, signal);
  if (!TEXT.test(kind)) throw new AppError("bad_request", `${url} is ${kind} (${body.length} bytes), which is no text`);
  const text = decodeText(body, type, truncated);
  const page = kind.includes("html")
    ? await htmlText(kind.includes("xhtml") ? closedTags(text) : text, url, signal)
    : { text, isCut: false };
  const title = "title" in page ? `Title: ${page.title}\n\n` : "";
  const note = page.isCut
    ? "\n[the page is too tangled to be read to its end]"
    : truncated
      ? "\n[the page is longer]"
      : "";
  return { text: title + page.text + note };
}

async function documentOf(
  kind: DocumentRequest["kind"],
  { url, body, truncated }: GuardedResponse,
  signal: AbortSignal,
): Promise<DocumentPart> {
  const title = kind === "pdf" ? "PDF" : kind;
  if (truncated)
    throw new AppError(
      "payload_too_large",
      `${url} is a ${title} of more than ${sizeWords(body.length)}, which is too large`,
    );
  return await readDocument({ kind, shown: url, bytes: new Uint8Array(body), once: true }, signal);
}

/** By its type, or by its name where that is a text's: few servers know the type. A page about a notebook is none. */
function isNotebook(kind: string, { url, body }: GuardedResponse): boolean {
  if (kind === "application/x-ipynb+json") return true;
  if (!/\.ipynb$/i.test(new URL(url).pathname) || !PLAIN.has(kind)) return false;
  return /^(\xef\xbb\xbf)?\s*\{/.test(body.toString("latin1", 0, 1024)) && body.includes('"nbformat"');
}

const PLAIN = new Set(["text/plain", "application/json", "binary/octet-stream"]);

const TEXT =
  /^(text|message)\/|[/+](json5?|xml|ya?ml|x-ya?ml|x-sh)$|^application\/((x-)?(java|ecma|type)script|graphql(-response\+json)?|xhtml\+xml|rtf|(x-)?sql|toml|jsonl(ines)?|x-ndjson|json-seq|xml-dtd|x-tex|x-httpd-php|x-(python|perl|ruby)|x-www-form-urlencoded)$/;

/** The content-type in short. Servers that do not know what they have say octet-stream, or nothing. */
function kindOf({ headers, body }: GuardedResponse): string {
  const kind = (headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  if (kind !== "" && kind !== "application/octet-stream") return kind;
  if (body.toString("latin1", 0, 5) === "%PDF-") return "application/pdf";
  if (body.includes(0) && !/^(\xff\xfe|\xfe\xff)/.test(body.toString("latin1", 0, 2)))
    return "application/octet-stream";
  return /^\s*(<!doctype html|<html)\b/i.test(body.toString("latin1", 0, 200)) ? "text/html" : "text/plain";
}
