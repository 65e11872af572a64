import { type Document, isMap } from "yaml";
import { changeConfig } from "./changeConfig.ts";
import type { ForeignServer } from "./foreignServers.ts";

/**
 * Adds servers to `mcp.servers` of an openclaw.yml, which keeps its comments, or makes the file; resolves with the names that were
 * added. One of a name that is there stays as it is. Rejects with `conflict` as `addRule` does.
 */
export async function addServers(path: string, servers: Record<string, ForeignServer>): Promise<string[]> {
  let added: string[] = [];
  const put = (document: Document): boolean => {
    for (const place of [["mcp"], PLACE]) if (document.getIn(place) === null) document.deleteIn(place);
    const there = document.getIn(PLACE);
    if (there !== undefined && !isMap(there)) throw new TypeError("not a mapping");
    added = Object.keys(servers).filter((name) => !isMap(there) || !there.has(name));
    for (const name of added) document.setIn([...PLACE, name], document.createNode(servers[name]));
    return added.length > 0;
  };
  await changeConfig(path, put, {
    what: "No server",
    byHand: JSON.stringify({ mcp: { servers } }),
    misfit: "mcp.servers is no mapping there",
  });
  return added;
}

const PLACE = ["mcp", "servers"];
