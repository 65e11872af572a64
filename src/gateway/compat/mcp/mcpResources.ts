import { AppError } from "../../../base/appError.ts";
import type { Exchange } from "../../http/endpoint.ts";
import { callRoute, type CompatContext } from "../compatContext.ts";

const MOST_LISTED = 100;
const MOST_MESSAGES = 200;
const SCHEME = "pincer://sessions/";

export interface McpResource {
  uri: string;
  name: string;
  title: string;
  description?: string;
  mimeType: string;
}

export const SESSION_TEMPLATE = {
  uriTemplate: `${SCHEME}{key}`,
  name: "session",
  title: "A session's messages",
  mimeType: "text/markdown",
};

/** The sessions that were used last. */
export async function listResources(context: CompatContext, exchange: Exchange): Promise<McpResource[]> {
  const { sessions } = await callRoute(context, exchange, "sessions.list", { limit: MOST_LISTED });
  return sessions.map(({ key, title, kind, updatedAt }) => ({
    uri: `${SCHEME}${encodeURIComponent(key)}`,
    name: key,
    title: title ?? key,
    description: `${kind} session, last used ${updatedAt}`,
    mimeType: "text/markdown",
  }));
}

/** A session's newest messages, as Markdown. not_found for what names no session. */
export async function readResource(context: CompatContext, exchange: Exchange, uri: string): Promise<string> {
  const sessionKey = keyOf(uri);
  const { messages } = await callRoute(context, exchange, "sessions.history", {
    sessionKey,
    limit: MOST_MESSAGES,
    includeTools: false,
  });
  return messages
    .flatMap((message) => ("text" in message && message.text ? [`## ${message.role}\n\n${message.text}`] : []))
    .join("\n\n");
}

function keyOf(uri: string): string {
  try {
    if (uri.startsWith(SCHEME) && uri.length > SCHEME.length) return decodeURIComponent(uri.slice(SCHEME.length));
  } catch {
    // As with any other text that is no address of a session.
  }
  throw new AppError("not_found", `${JSON.stringify(uri)} is no session; their addresses are ${SCHEME}KEY`);
}
