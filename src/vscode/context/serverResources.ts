import { AppError } from "../../base/appError.ts";
import type { RouteClient } from "../../client/routeClient.ts";
import type { Attachment } from "../../protocol/message.ts";
import type { ContextFound, ContextRef } from "../../protocol/panel/contextRef.ts";

const MOST_SHOWN = 10;

/** Documents of MCP servers that fit some words. Without words none: a server may have thousands. */
export async function findResources(client: RouteClient, query: string): Promise<ContextFound[]> {
  if (query === "") return [];
  const { resources } = await client.call("mcp.resources", { search: query.slice(0, 200) });
  return resources.slice(0, MOST_SHOWN).map(({ server, uri, name }) => ({
    ref: { kind: "resource", label: name, icon: "plug", id: server, uri },
    label: name,
    detail: `${server} · ${uri}`,
  }));
}

/** What it is now. */
export async function readServerResource(client: RouteClient, { id, uri, label }: ContextRef): Promise<Attachment[]> {
  if (id === undefined || uri === undefined) throw new AppError("bad_request", label);
  const { attachments } = await client.call("mcp.read", { server: id, uri });
  return attachments;
}
