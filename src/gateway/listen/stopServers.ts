import type { Server } from "node:http";
import { closeUnasked } from "../http/httpServer.ts";

// Responses that are under way get this long.
const GRACE_MS = 1200;
const LOOK_MS = 25;

/** Stops listening, lets the responses under way go out, and closes what is left. */
export async function stopServers(servers: Server[], graceMs = GRACE_MS): Promise<void> {
  const cut = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), graceMs);
  // A request that is on its way while its connection is accepted still comes in.
  const unasked = setInterval(() => servers.forEach(closeUnasked), LOOK_MS);
  await drainServers(servers);
  clearInterval(unasked);
  clearTimeout(cut);
}

/** Stops listening and resolves when the last response and the last stream have ended, however long that takes. */
export async function drainServers(servers: Server[]): Promise<void> {
  const stopped = Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  // A connection becomes idle when its response is out, and would stay open for the client's next request.
  const look = setInterval(() => servers.forEach((server) => server.closeIdleConnections()), LOOK_MS);
  await stopped;
  clearInterval(look);
}
