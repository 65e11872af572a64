import { useRef } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

/** The plan that waits for the user's word, and the ways to edit it and to have it done. */
export function ReadyPlanBar() {
  const { session, gateway, focusRequests } = usePanel();
  const runId = session.figures.value?.plan;
  const isReady = typeof runId === "string" && !session.isBusy.value;
  // A second press before the answer to the first would accept a plan that is no more.
  const asked = useRef(false);
  const ask = async (method: "editor.editPlan" | "editor.acceptPlan") => {
    if (asked.current) return;
    asked.current = true;
    await session.attempt(() => gateway.call(method, { sessionKey: session.key.value, runId: runId! }));
    if (method === "editor.acceptPlan") {
      await session.refreshFigures();
      focusRequests.value++;
    }
    asked.current = false;
  };
  return (
    <div role="status">
      {isReady && (
        <div class="bar" role="group" aria-label={strings.planReady}>
          <Icon name="lightbulb" />
          <span class="bar-text">{strings.planReady}</span>
          <button type="button" class="button primary" onClick={() => void ask("editor.acceptPlan")}>
            {strings.acceptPlan}
          </button>
          <button type="button" class="button secondary" onClick={() => void ask("editor.editPlan")}>
            {strings.editPlan}
          </button>
        </div>
      )}
    </div>
  );
}
