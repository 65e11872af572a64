import { type Document, isMap } from "yaml";
import { literally } from "../expandEnv.ts";
import { changeConfig } from "./changeConfig.ts";

/** A model server to be named under `providers`. */
export interface ServerEntry {
  api: "openai-chat";
  baseUrl: string;
}

/**
 * Makes `model` the usual model in an openclaw.yml, which keeps its comments, or makes the file; with the servers that it
 * needs, of which one of a name that is there stays as it is. Rejects with `conflict` as `addRule` does.
 */
export async function setModel(path: string, model: string, servers: Record<string, ServerEntry> = {}): Promise<void> {
  await changeConfig(path, (document) => put(document, model, servers), {
    what: "No model",
    byHand: JSON.stringify({ model, ...(Object.keys(servers).length > 0 ? { providers: servers } : {}) }),
    misfit: "providers is no mapping there",
  });
}

function put(document: Document, model: string, servers: Record<string, ServerEntry>): boolean {
  if (document.getIn(PLACE) === null) document.deleteIn(PLACE);
  const there = document.getIn(PLACE);
  if (there !== undefined && !isMap(there)) throw new TypeError("not a mapping");
  const added = Object.entries(servers).filter(([name]) => !isMap(there) || !there.has(name));
  for (const [name, server] of added) document.setIn([...PLACE, name], document.createNode(server));
  const isSame = document.get("model") === literally(model);
  if (!isSame) document.set("model", literally(model));
  return added.length > 0 || !isSame;
}

const PLACE = ["providers"];
