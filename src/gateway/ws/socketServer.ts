import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { newRequestId } from "../../base/id.ts";
import type { Wire } from "../../protocol/frame.ts";
import type { Origin } from "../../protocol/message.ts";
import { toErrorJson, writeRaw } from "../http/writeReply.ts";
import { BODY_LIMIT } from "../auth/authorize.ts";
import type { Connections } from "../auth/connections.ts";
import { createSocketWire } from "../../net/socketWire.ts";
import type { Principal } from "../auth/tokens.ts";

// A peer that does not answer the closing handshake is cut.
const CLOSING_MS = 500;

export interface SocketPeer {
  principal: Principal;
  origin: Origin;
}

export interface SocketServer {
  /** Takes a socket whose upgrade was admitted, and tells of the wire over it. */
  open(request: IncomingMessage, socket: Duplex, head: Buffer, peer: SocketPeer): void;
}

export function createSocketServer(
  connections: Connections,
  clock: Clock,
  onWire: (wire: Wire, peer: SocketPeer) => void,
): SocketServer {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: BODY_LIMIT,
    perMessageDeflate: false,
    clientTracking: false,
  });
  // Without a listener ws answers a bad handshake in its own words.
  server.on("wsClientError", (_error, socket) => {
    writeRaw(
      socket,
      toErrorJson(new AppError("bad_request", "This is not a valid WebSocket handshake"), newRequestId()),
    );
  });
  return {
    open(request, socket, head, peer) {
      server.handleUpgrade(request, socket, head, (opened) => {
        const wire = createSocketWire(opened, socket, clock);
        const connection = connections.add({
          principal: peer.principal,
          close(reason) {
            opened.close(reason === "token rotated" ? 4001 : 1001, reason.slice(0, 100));
            setTimeout(() => opened.terminate(), CLOSING_MS).unref();
          },
        });
        wire.onClose(() => connection.dispose());
        onWire(wire, peer);
      });
    },
  };
}
