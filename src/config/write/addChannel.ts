import { type Document, isMap } from "yaml";
import type { Config } from "../configSchema.ts";
import { changeConfig } from "./changeConfig.ts";

/**
 * Names a chat network under `channels` of an openclaw.yml, which keeps its comments, or makes the file; one that is there stays as it
 * is. Rejects with `conflict` as `addRule` does.
 */
export async function addChannel(path: string, id: keyof Config["channels"]): Promise<void> {
  await changeConfig(path, (document) => put(document, id), {
    what: "No channel",
    byHand: JSON.stringify({ channels: { [id]: {} } }),
    misfit: "channels is no mapping there",
  });
}

function put(document: Document, id: string): boolean {
  if (document.getIn(["channels"]) === null) document.deleteIn(["channels"]);
  const there = document.getIn(["channels"]);
  if (there !== undefined && !isMap(there)) throw new TypeError("not a mapping");
  if (isMap(there) && isMap(there.get(id))) return false;
  document.setIn(["channels", id], document.createNode({}));
  return true;
}
