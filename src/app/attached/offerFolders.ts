import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/log.ts";
import { createRouteClient, type RouteClient } from "../../client/routeClient.ts";
import type { Host } from "../../core/ports/host.ts";
import type { Wire } from "../../protocol/frame.ts";

/**
 * Lets the gateway that this process is attached to work in its folders, and follows when they change. Resolves once the
 * gateway knows them, so that what is asked of it afterwards may be about them.
 */
export async function offerFolders(host: Host, connect: () => Promise<Wire>): Promise<Disposable> {
  let held: RouteClient | undefined;
  let isOver = false;

  // The offer lasts as long as its wire: a wire of its own for each, and the new one before the old one goes.
  const offer = async (): Promise<void> => {
    const before = held;
    const folders = host.workspaces();
    let next: RouteClient | undefined;
    if (folders.length > 0) {
      next = createRouteClient(await connect());
      await next.call("workspaces.offer", { folders });
    }
    if (isOver) return next?.close();
    held = next;
    before?.close();
  };

  // Listened for from the start on: they may change while the gateway is told of them first.
  const first = offer();
  let last = first.catch(() => {});
  const changes = host.onDidChangeWorkspaces?.(() => {
    last = last.then(offer).catch((error: unknown) => {
      host.log.warn("The gateway could not be told which folders are open", { error: describeError(error) });
    });
  });
  try {
    await first;
  } catch (error) {
    isOver = true;
    changes?.dispose();
    throw error;
  }
  return {
    dispose() {
      isOver = true;
      changes?.dispose();
      held?.close();
    },
  };
}
