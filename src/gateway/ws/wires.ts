import type { Disposable } from "../../base/disposable.ts";
import type { Log } from "../../base/log.ts";
import type { Wire } from "../../protocol/frame.ts";
import type { AnyRoute } from "../calls/route.ts";
import type { RouteCaller } from "../calls/routeCaller.ts";
import { serveWire, type WirePeer } from "./serveWire.ts";

/** The wires that are served, of this process and of sockets. */
export interface Wires {
  /** Serves it until it closes; returns when it is ready. */
  serve(wire: Wire, peer: WirePeer): void;
  /** For good: what comes after it is closed at once. */
  closeAll(reason: string): void;
}

export function createWires(context: {
  caller: RouteCaller;
  routes: ReadonlyMap<string, AnyRoute>;
  log: Log;
  come?: () => Disposable;
}): Wires {
  const open = new Set<Wire>();
  let closedBy: string | undefined;
  return {
    serve(wire, peer) {
      if (closedBy !== undefined) return wire.close(closedBy);
      open.add(wire);
      wire.onClose(() => open.delete(wire));
      serveWire(wire, { ...context, ...peer });
    },
    closeAll(reason) {
      closedBy = reason;
      for (const wire of [...open]) wire.close(reason);
    },
  };
}
