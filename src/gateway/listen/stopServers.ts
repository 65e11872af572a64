import type { Server } from "node:http";
import { closeEvery, closeUnasked, endKeepAlive } from "../http/httpServer.ts";

// Responses that are under way get this long.
const GRACE_MS = 1200;
const LOOK_MS = 25;

/** Stops listening, lets the responses under way go out, and closes what is left. */
export async function stopServers(servers: Server[], graceMs = GRACE_MS): Promise<void> {
  const cut = setTimeout(() => servers.forEach(closeEvery), graceMs);
  // After the sockets were read, so that a request that has come is not taken for none.
  const unasked = setInterval(() => setImmediate(() => servers.forEach(closeUnasked)), LOOK_MS);
  const { drained } = await leavePort(servers);
  await drained;
  clearInterval(unasked);
  clearTimeout(cut);
}

/** Resolves when nobody listens any more; `drained` when the last response and the last stream have ended, however long that takes. */
export async function leavePort(servers: Server[]): Promise<{ drained: Promise<void> }> {
  servers.forEach(endKeepAlive);
  await Promise.all(servers.map(acceptAll));
  const stopped = Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  // A connection becomes idle when its response is out, and would stay open for the client's next request.
  const look = setInterval(() => servers.forEach((server) => server.closeIdleConnections()), LOOK_MS);
  return { drained: stopped.then(() => clearInterval(look)) };
}

/** Lets in what waits to be accepted: the system resets those connections when their port is closed. */
async function acceptAll(server: Server): Promise<void> {
  let accepted = false;
  const note = (): void => void (accepted = true);
  server.on("connection", note);
  // The first turn may be over before it looks for connections: it ends the one that this was called in.
  for (let turns = 0; (accepted || turns < 2) && turns < MOST_TURNS; turns += 1) {
    accepted = false;
    await new Promise(setImmediate);
  }
  server.off("connection", note);
}

// Of the event loop; clients that never cease do not hold a stop up.
const MOST_TURNS = 1000;
