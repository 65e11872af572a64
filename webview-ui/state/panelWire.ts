import type { Frame, Wire } from "../../src/protocol/frame.ts";
import type { HostMessage, PanelMessage } from "../../src/protocol/panel/editor.ts";

/** What the page of a webview gets from VS Code, once. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** The two things that share one postMessage: frames, and plain messages beside them. */
export interface HostLink {
  wire: Wire;
  tell(message: PanelMessage): void;
  onMessage(listener: (message: HostMessage) => void): void;
}

/** Speaks with the editor's side of the panel. Call once per page: it listens on `window`. */
export function openHostLink(api: VsCodeApi): HostLink {
  const frames = createQueue<Frame>();
  const messages = createQueue<HostMessage>();
  const closeListeners = new Set<(reason: string) => void>();

  window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (isTyped(data, "host")) messages.push(data as unknown as HostMessage);
    else if (isTyped(data, "res") || isTyped(data, "event")) frames.push(data as unknown as Frame);
  });

  return {
    wire: {
      send: (frame) => api.postMessage(frame),
      onFrame: (listener) => frames.listen(listener),
      onClose(listener) {
        closeListeners.add(listener);
        return { dispose: () => closeListeners.delete(listener) };
      },
      close(reason = "closed") {
        for (const listener of [...closeListeners]) listener(reason);
      },
    },
    tell: (message) => api.postMessage(message),
    onMessage: (listener) => void messages.listen(listener),
  };
}

/** Keeps what arrives before its one listener does. */
function createQueue<T>() {
  let listener: ((item: T) => void) | undefined;
  let kept: T[] = [];
  return {
    push(item: T) {
      if (listener) listener(item);
      else kept.push(item);
    },
    listen(next: (item: T) => void) {
      listener = next;
      const early = kept;
      kept = [];
      for (const item of early) next(item);
      return {
        dispose() {
          if (listener === next) listener = undefined;
        },
      };
    },
  };
}

function isTyped(data: unknown, type: string): data is { type: string } {
  return typeof data === "object" && data !== null && (data as { type?: unknown }).type === type;
}
