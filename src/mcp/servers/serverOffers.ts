import type { Client } from "@modelcontextprotocol/client";
import { AppError, isAppError } from "../../base/appError.ts";
import { imageProblem } from "../../base/attachments/checkAttachment.ts";
import { readImageFacts } from "../../base/attachments/imageFacts.ts";
import { headOf } from "../../base/cutText.ts";
import { untrusted } from "../../base/input/untrusted.ts";
import { visible, visibleLine } from "../../base/text/visible.ts";
import type { McpPrompt, McpResource } from "../../protocol/mcp.ts";
import type { Attachment } from "../../protocol/message.ts";
import { toResultText } from "../tools/resultText.ts";
import { faultWords } from "../wire/faultWords.ts";
import { askAnew } from "./askAnew.ts";
import type { Server } from "./server.ts";

interface Offers {
  prompts: McpPrompt[];
  resources: McpResource[];
}

// Somebody types and waits for the list.
const LIST_MS = 5000;
// Who could not list them is asked again then.
const AGAIN_MS = 30_000;
const MOST_LISTED = 1000;
const MOST_CHARS = 200_000;

/**
 * What a server offers, asked for once on each connection. One that does not run is not started for it: then it is what it
 * said when it last ran.
 */
export async function listOffers(server: Server): Promise<Offers> {
  const { offers, parts } = server;
  if (!server.settings.enabled) return { prompts: [], resources: [] };
  const isAsked = offers !== undefined && offers.connection === server.connection && parts.clock.now() < offers.until;
  if (server.connection && !isAsked) {
    const faults: string[] = [];
    const prompts = await listed(server, faults, "prompts", listPrompts);
    const resources = await listed(server, faults, "resources", listResources);
    const until = faults.length === 0 ? Infinity : parts.clock.now() + AGAIN_MS;
    // It may be another connection by now.
    server.offers = { connection: server.connection, until, prompts, resources };
  }
  return server.offers ?? { prompts: [], resources: [] };
}

/** One that fails at one list has the others. */
async function listed<T>(
  server: Server,
  faults: string[],
  what: string,
  list: (server: Server, client: Client, options: Options) => Promise<T[]>,
): Promise<T[]> {
  const { signal } = server.closed;
  try {
    const all = await askAnew(server, signal, ({ client }) => list(server, client, { timeout: LIST_MS, signal }));
    return all.slice(0, MOST_LISTED);
  } catch (error) {
    faults.push(what);
    server.log.note(`Its ${what} could not be listed: ${faultWords(error)}`);
    return [];
  }
}

type Options = { timeout: number; signal: AbortSignal };

async function listPrompts({ name: server }: Server, client: Client, options: Options): Promise<McpPrompt[]> {
  if (!client.getServerCapabilities()?.prompts) return [];
  const { prompts } = await client.listPrompts(undefined, options);
  return prompts.map((prompt) => ({
    server,
    name: `mcp__${server}__${prompt.name.replaceAll(/[^\w-]/g, "_")}`.slice(0, 64),
    original: prompt.name,
    description: visibleLine(prompt.description ?? prompt.title ?? "", 300),
    arguments: (prompt.arguments ?? []).map((one) => ({
      name: one.name,
      description: visibleLine(one.description ?? "", 100),
      required: one.required ?? false,
    })),
  }));
}

async function listResources({ name: server }: Server, client: Client, options: Options): Promise<McpResource[]> {
  if (!client.getServerCapabilities()?.resources) return [];
  const { resources } = await client.listResources(undefined, options);
  return resources.map((resource) => ({
    server,
    uri: resource.uri,
    name: visibleLine(resource.title ?? resource.name, 200),
    description: visibleLine(resource.description ?? "", 300),
    mediaType: resource.mimeType ?? null,
  }));
}

/** What a prompt says with these arguments. The server is started when it does not run. */
export async function getPrompt(
  server: Server,
  name: string,
  values: Record<string, string>,
  signal: AbortSignal,
): Promise<string> {
  const { messages } = await asked(server, signal, (client, options) =>
    client.getPrompt({ name, arguments: values }, options),
  );
  const texts = messages.map(({ role, content }) => {
    const { text } = toResultText({ content: [content] });
    return role === "assistant" ? `You said before:\n${text}` : text;
  });
  const whole = visible(texts.filter((text) => text !== "").join("\n\n"));
  if (whole.length > MOST_CHARS)
    throw new AppError("bad_request", `The prompt ${name} of ${server.name} has ${whole.length} characters, too many`);
  if (whole.trim() === "") throw new AppError("bad_request", `The prompt ${name} of ${server.name} says nothing`);
  return whole;
}

/** A resource as a message carries it: texts, marked as the server's, and images. Rejects when there is nothing to show. */
export async function readResource(server: Server, uri: string, signal: AbortSignal): Promise<Attachment[]> {
  const { contents } = await asked(server, signal, (client, options) => client.readResource({ uri }, options));
  const shown = contents.flatMap((content): Attachment[] => {
    const place = content.uri === "" ? uri : content.uri;
    const name = visibleLine(place, 200);
    if ("text" in content) {
      const head = headOf(content.text, MOST_CHARS);
      const cut =
        head.length < content.text.length ? `${head}\n[${content.text.length - head.length} more characters]` : head;
      return [{ name, mediaType: "text/plain", data: untrusted(`${server.name} ${place}`, visible(cut)) }];
    }
    const isImage = /^(?:$|image\/)/.test(content.mimeType ?? "") && imageProblem(content.blob) === undefined;
    const facts = isImage ? readImageFacts(content.blob) : undefined;
    return facts ? [{ name, mediaType: facts.mediaType, data: content.blob }] : [];
  });
  if (shown.length > 0) return shown;
  const kinds = [...new Set(contents.map(({ mimeType }) => visibleLine(mimeType ?? "of no type", 80)))].join(", ");
  const what = contents.length === 0 ? "is empty" : `is no text and no image that models take (${kinds})`;
  throw new AppError("bad_request", `${visibleLine(uri, 200)} of ${server.name} ${what}`);
}

async function asked<T>(
  server: Server,
  signal: AbortSignal,
  ask: (client: Client, options: Options) => Promise<T>,
): Promise<T> {
  const timeout = server.settings.timeoutSeconds * 1000;
  try {
    return await askAnew(server, signal, ({ client }) => ask(client, { timeout, signal }));
  } catch (error) {
    signal.throwIfAborted();
    if (isAppError(error)) throw error;
    throw new AppError("provider_error", `The MCP server ${server.name} refuses: ${faultWords(error)}`, {
      cause: error,
    });
  }
}
