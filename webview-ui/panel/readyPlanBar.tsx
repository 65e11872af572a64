import { Icon } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

/** The plan that waits for the user's word, and the ways to edit it and to have it done. */
export function ReadyPlanBar() {
  const { session, gateway, focusRequests } = usePanel();
  const runId = session.figures.value?.plan;
  const isReady = typeof runId === "string" && !session.isBusy.value;
  const ask = (method: "editor.editPlan" | "editor.acceptPlan") =>
    session.attempt(async () => {
      await gateway.call(method, { sessionKey: session.key.value, runId: runId! });
      if (method === "editor.editPlan") return;
      await session.refreshFigures();
      focusRequests.value++;
    });
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
