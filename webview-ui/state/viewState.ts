import type { VsCodeApi } from "./panelWire.ts";

/** All that the page itself remembers over a reload; everything else is the gateway's. */
export interface ViewState {
  sessionKey: string;
  draft: string;
  /** The topmost visible row and how far it is scrolled out; absent while the newest is followed. */
  scrollAnchor?: ScrollAnchor;
}

export interface ScrollAnchor {
  key: string;
  offset: number;
}

export interface ViewMemory {
  state: ViewState;
  update(patch: Partial<ViewState>): void;
}

/** Reads what VS Code kept for the page, and writes each change back. */
export function openViewMemory(api: VsCodeApi): ViewMemory {
  const kept = (api.getState() ?? {}) as Partial<ViewState>;
  const memory: ViewMemory = {
    state: {
      sessionKey: typeof kept.sessionKey === "string" ? kept.sessionKey : "main",
      draft: typeof kept.draft === "string" ? kept.draft : "",
      scrollAnchor: kept.scrollAnchor,
    },
    update(patch) {
      memory.state = { ...memory.state, ...patch };
      api.setState(memory.state);
    },
  };
  return memory;
}
