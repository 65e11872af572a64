import { signal } from "@preact/signals";
import { render } from "preact";
import { createClient } from "../src/protocol/client.ts";
import type { HostMessage } from "../src/protocol/panel/editor.ts";
import { createDeletions } from "./state/deletions.ts";
import { drawnText } from "./markdown/drawnText.ts";
import { createFind } from "./state/find.ts";
import { createDraft } from "./state/draft.ts";
import { firstSession } from "./state/firstSession.ts";
import { createModelList } from "./state/modelList.ts";
import { PanelView } from "./panel/panelView.tsx";
import { type GatewayShown, PanelContext, type Panel } from "./state/panelContext.ts";
import type { PanelRoutes } from "./state/panelRoutes.ts";
import { createOutbox } from "./state/outbox.ts";
import { createPromptList } from "./state/promptList.ts";
import { createQuestionList } from "./state/questionList.ts";
import { createPanelSession } from "./state/sessionState.ts";
import { createSessionList } from "./state/sessionList.ts";
import { createSubagentList } from "./state/subagentList.ts";
import { openViewMemory } from "./state/viewState.ts";
import { takeAttachments } from "./state/takeAttachments.ts";
import { openHostLink, type VsCodeApi } from "./state/panelWire.ts";
// oxlint-disable-next-line import/no-unassigned-import -- the bundler takes the styles from here
import "./main.css";

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();
const host = openHostLink(api);
const memory = openViewMemory(api);
const gateway = createClient<PanelRoutes>(host.wire);
const isWritten = (key: string) =>
  memory.state.drafts[key] !== undefined || Object.values(memory.state.sending).some((one) => one.sessionKey === key);
const session = createPanelSession(gateway, memory.state.sessionKey ?? "main", isWritten);
const draft = createDraft(memory, session.key);
const sessions = createSessionList(gateway);
const panel: Panel = {
  gateway,
  gatewayState: signal<GatewayShown>({ state: "starting" }),
  folders: signal<string[]>([]),
  session,
  sessions,
  models: createModelList(gateway),
  deletions: createDeletions(gateway, session),
  find: createFind(session, drawnText),
  draft,
  outbox: createOutbox({ gateway, memory, session, draft }),
  prompts: createPromptList(gateway, session, draft),
  questions: createQuestionList(gateway, memory),
  subagents: createSubagentList(gateway, session.key, sessions),
  memory,
  focusRequests: signal(0),
};

// Somebody goes elsewhere, and this page may go, too.
for (const leaving of ["blur", "pagehide"]) window.addEventListener(leaving, memory.flush);

let isFirst = true;
panel.session.key.subscribe((sessionKey) => {
  // What it begins with counts as shown only once it was chosen.
  if (!isFirst && sessionKey !== memory.state.sessionKey) memory.update({ sessionKey, scrollAnchor: undefined });
  isFirst = false;
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
      return followGateway(message);
    case "open":
      return void panel.session.show(message.sessionKey, message.found);
    case "prefill":
      panel.draft.append(message.text);
      panel.focusRequests.value++;
      return void takeAttachments(panel, async () => ({ attachments: message.attachments ?? [] }));
    case "attach":
      panel.focusRequests.value++;
      return void takeAttachments(panel, async () => ({ attachments: [message.attachment] }));
    case "mention":
      panel.draft.mention([message.ref]);
      panel.focusRequests.value++;
      return;
    case "answer":
      panel.questions.isWanted.value = true;
      return;
    case "focus":
      panel.focusRequests.value++;
      return;
  }
}

/** One that is being chosen is not chosen a second time: it may be one that is made. */
let choosing: Promise<string> | undefined;

/** Reads the shown session, or in a new window the one to begin with. */
async function begin(): Promise<void> {
  const isNew = memory.state.sessionKey === undefined;
  if (isNew) choosing ??= firstSession(gateway, panel.folders.value).finally(() => (choosing = undefined));
  const first = isNew ? await choosing! : session.key.value;
  // Something may have been opened meanwhile.
  if (isNew && memory.state.sessionKey === undefined) {
    memory.update({ sessionKey: first });
    if (first !== session.key.value) {
      const putBack = draft.moveTo(first);
      const shown = session.show(first);
      putBack();
      return shown;
    }
  }
  await session.reload();
}

/** Each time the gateway answers anew, what was missed meanwhile is read again. */
function followGateway(shown: GatewayShown): void {
  panel.gatewayState.value = shown;
  if (shown.state !== "running") return;
  const { sessions, models, questions } = panel;
  session.problem.value = undefined;
  void session.attempt(begin);
  const following = sessions.follow();
  void session.attempt(() => Promise.all([following, following.then(questions.refresh), models.refresh()]));
}
