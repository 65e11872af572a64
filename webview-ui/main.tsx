import { batch, signal } from "@preact/signals";
import { render } from "preact";
import { createClient } from "../src/protocol/client.ts";
import type { GatewayState, HostMessage } from "../src/protocol/editor.ts";
import { createDraft } from "./state/draft.ts";
import { createModelList } from "./state/modelList.ts";
import { PanelView } from "./panel/panelView.tsx";
import { PanelContext, type Panel } from "./state/panelContext.ts";
import type { PanelRoutes } from "./state/panelRoutes.ts";
import { createPanelSession } from "./state/sessionState.ts";
import { createSessionList } from "./state/sessionList.ts";
import { openViewMemory } from "./state/viewState.ts";
import { openHostLink, type VsCodeApi } from "./state/panelWire.ts";
// oxlint-disable-next-line import/no-unassigned-import -- the bundler takes the styles from here
import "./main.css";

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();
const host = openHostLink(api);
const memory = openViewMemory(api);
const gateway = createClient<PanelRoutes>(host.wire);
const panel: Panel = {
  gateway,
  gatewayState: signal<{ state: GatewayState; message?: string }>({ state: "starting" }),
  folders: signal<string[]>([]),
  session: createPanelSession(gateway, memory.state.sessionKey),
  sessions: createSessionList(gateway),
  models: createModelList(gateway),
  draft: createDraft(memory),
  memory,
  focusRequests: signal(0),
};

panel.session.key.subscribe((sessionKey) => {
  if (sessionKey !== memory.state.sessionKey) memory.update({ sessionKey, scrollAnchor: undefined });
  host.tell({ type: "panel", event: "selected", sessionKey });
});
host.onMessage(follow);
render(
  <PanelContext.Provider value={panel}>
    <PanelView />
  </PanelContext.Provider>,
  document.getElementById("root")!,
);
host.tell({ type: "panel", event: "ready" });

function follow(message: HostMessage): void {
  switch (message.event) {
    case "gateway":
      panel.folders.value = message.folders ?? [];
      return followGateway(message.state, message.message);
    case "open":
      return void panel.session.show(message.sessionKey);
    case "prefill":
      return batch(() => {
        panel.draft.append(message.text);
        panel.draft.attach(...(message.attachments ?? []));
        panel.focusRequests.value++;
      });
    case "attach":
      panel.draft.attach(message.attachment);
      panel.focusRequests.value++;
      return;
    case "focus":
      panel.focusRequests.value++;
      return;
  }
}

/** Each time the gateway answers anew, what was missed meanwhile is read again. */
function followGateway(state: GatewayState, message?: string): void {
  panel.gatewayState.value = { state, message };
  if (state !== "running") return;
  const { session, sessions, models } = panel;
  void session.reload();
  void session.attempt(() => Promise.all([sessions.follow(), models.refresh()]));
}
