import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Signal } from "@preact/signals";
import type { HostMessage } from "../../src/protocol/panel/editor.ts";
import type { Deletions } from "./deletions.ts";
import type { Find } from "./find.ts";
import type { Draft } from "./draft.ts";
import type { ModelList } from "./modelList.ts";
import type { Gateway } from "./panelRoutes.ts";
import type { Outbox } from "./outbox.ts";
import type { PromptList } from "./promptList.ts";
import type { QuestionList } from "./questionList.ts";
import type { PanelSession } from "./sessionState.ts";
import type { SessionList } from "./sessionList.ts";
import type { SubagentList } from "./subagentList.ts";
import type { ViewMemory } from "./viewState.ts";

/** How the gateway stands, as the host told last. */
export type GatewayShown = Pick<Extract<HostMessage, { event: "gateway" }>, "state" | "message" | "isConfigFault">;

/** What every part of the panel may use; made once, in main.tsx. */
export interface Panel {
  gateway: Gateway;
  gatewayState: Signal<GatewayShown>;
  /** Folders of the window around the panel; the first is where new sessions work. */
  folders: Signal<string[]>;
  session: PanelSession;
  sessions: SessionList;
  models: ModelList;
  subagents: SubagentList;
  deletions: Deletions;
  find: Find;
  draft: Draft;
  outbox: Outbox;
  prompts: PromptList;
  questions: QuestionList;
  memory: ViewMemory;
  /** Counts requests to put the cursor into the composer. */
  focusRequests: Signal<number>;
}

export const PanelContext = createContext<Panel | undefined>(undefined);

export function usePanel(): Panel {
  const panel = useContext(PanelContext);
  if (!panel) throw new Error("A part of the panel was drawn outside of it");
  return panel;
}
