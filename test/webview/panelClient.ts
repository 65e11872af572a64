import type { Frame, Wire } from "../../src/protocol/frame.ts";
import { createClient } from "../../src/protocol/client.ts";
import type { PanelRoutes } from "../../webview-ui/state/panelRoutes.ts";
import { createFakeGateway } from "./fakeGateway.ts";

/** The panel's end of a wire to its far end, without a page. */
export function openPanelClient() {
  const listeners = new Set<(frame: Frame) => void>();
  const fake = createFakeGateway(async (messages) => {
    for (const message of messages) for (const listener of [...listeners]) listener(message as Frame);
  });
  const wire: Wire = {
    send: (frame) => fake.receive(frame),
    onFrame(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
    onClose: () => ({ dispose() {} }),
    close() {},
  };
  return { fake, gateway: createClient<PanelRoutes>(wire) };
}
