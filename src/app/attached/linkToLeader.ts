import { AppError, fromErrorBody } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { describeError } from "../../base/log.ts";
import { toAddress } from "../../client/gatewayAddress.ts";
import { createRouteClient, type Routes } from "../../client/routeClient.ts";
import { connectWire } from "../../client/connectWire.ts";
import { readGatewayFile } from "../../config/stateFolder.ts";
import type { Told } from "../../core/ports/eventBus.ts";
import type { Host } from "../../core/ports/host.ts";
import type { LeaseHolder } from "../../core/ports/store.ts";
import type { AskElsewhere } from "../../mcp/servers/questions.ts";
import { goneAway } from "../../protocol/client.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Wire } from "../../protocol/frame.ts";
import type { Origin } from "../../protocol/message.ts";
import { offerFolders } from "./offerFolders.ts";

/** This process as a client of the gateway that another one serves. */
export interface Link {
  /** Which holder of the lease it leads to. */
  readonly nonce: string;
  /** Who that is, for people. */
  readonly leader: string;
  readonly url: string;
  token(): string;
  connect(via: Origin["via"]): Promise<Wire>;
  /** Told to all who listen there. */
  tell(told: Told): void;
  /** Asks the people there what an MCP server of this process wants to know. */
  ask: AskElsewhere;
  /** All that is told there, from now on. */
  follow(listener: (event: GatewayEvent) => void): Promise<void>;
  /** Resolves with the reason when it is cut. */
  readonly cut: Promise<string>;
  close(): void;
}

/** Rejects with `unavailable` while the holder of the lease is not serving yet. Lets it work in this host's folders. */
export async function linkToLeader(holder: LeaseHolder, host: Host): Promise<Link> {
  const found = readGatewayFile(host.stateDir);
  // The file may be an earlier gateway's: the token goes only to where the holder of the lease says that it serves.
  if (!found || found.pid !== holder.pid || found.url !== holder.url) {
    throw new AppError("unavailable", `The gateway of ${holder.owner} (process ${holder.pid}) is not serving yet`);
  }
  const address = toAddress({ ...found, nonce: holder.nonce });
  const alive = new AbortController();
  const cut = Promise.withResolvers<string>();
  // Its token and its certificate may have been changed by now.
  const newest = () => readGatewayFile(host.stateDir) ?? found;
  const token = () => newest().token;
  const connect = (via: Origin["via"]) => {
    const known = via === "panel" || via === "cli" ? via : "palette";
    const { token: now, certificate } = newest();
    const there = { ...address, token: now, ...defined({ certificate }) };
    return connectWire(there, { signal: alive.signal, via: known });
  };
  const client = createRouteClient(await connect("palette"));
  client.onClose((reason) => {
    alive.abort(fromErrorBody(goneAway(reason)));
    cut.resolve(reason);
  });
  const offered = await offerFolders(host, () => connect("palette")).catch((error: unknown) => {
    // A gateway of an earlier version, perhaps: everything else works.
    host.log.warn("The gateway could not be told which folders are open", { error: describeError(error) });
  });
  return {
    nonce: holder.nonce,
    leader: holder.owner,
    url: address.url,
    token,
    connect,
    tell({ deltas, facts }) {
      const told = deltas.map(({ source, ...delta }) => ({
        ...source,
        ...delta,
      })) as Routes["workers.tell"]["input"]["deltas"];
      // What is stored is read there all the same, and what is not may be lost.
      client.call("workers.tell", { deltas: told, facts }).catch((error: unknown) => {
        host.log.debug("The gateway was not told what runs here", { error: describeError(error) });
      });
    },
    ask: (question, schema) => client.call("workers.ask", { question, schema }),
    async follow(listener) {
      client.onEvent(listener);
      await client.call("events.subscribe", {});
    },
    cut: cut.promise,
    close() {
      offered?.dispose();
      client.close();
      alive.abort(fromErrorBody(goneAway("this process has left it")));
    },
  };
}
