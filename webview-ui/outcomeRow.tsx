import type { RunOutcome } from "../src/protocol/run.ts";
import { Icon } from "./icon.tsx";
import { usePanel } from "./panelContext.ts";
import { strings } from "./strings.ts";

type Outcome = Exclude<RunOutcome, { type: "done" }>;

/** How a run ended when it did not end well, and what can be done about it. */
export function OutcomeRow({ outcome, runId, isLast }: { outcome: Outcome; runId: string; isLast: boolean }) {
  const { session } = usePanel();
  if (outcome.type === "cancelled") {
    return (
      <div class="outcome quiet">
        <Icon name="circle-slash" />
        <span class="outcome-text">{strings.stopped}</span>
      </div>
    );
  }
  const canAct = isLast && !session.isBusy.value;
  return (
    <div class={`outcome ${outcome.type === "failed" ? "failed" : "cut"}`}>
      <Icon name={outcome.type === "failed" ? "error" : "warning"} />
      <div class="outcome-body">
        <span class="outcome-text">{toSentence(outcome)}</span>
        {canAct && <Actions outcome={outcome} runId={runId} />}
      </div>
    </div>
  );
}

function Actions({ outcome, runId }: { outcome: Outcome; runId: string }) {
  const { session, gateway, models } = usePanel();
  const remedy = toRemedy(outcome);
  const setKey = () =>
    session.attempt(async () => {
      await gateway.call("editor.setApiKey", {});
      await models.refresh();
    });
  const pickModel = () =>
    session.attempt(async () => {
      await gateway.call("editor.pickModel", { sessionKey: session.key.value });
      await session.refreshFigures();
    });
  return (
    <span class="outcome-actions">
      {remedy === "key" && (
        <button type="button" class="button primary" onClick={() => void setKey()}>
          {strings.setApiKey}
        </button>
      )}
      {remedy === "model" && (
        <button type="button" class="button primary" onClick={() => void pickModel()}>
          {strings.chooseModel}
        </button>
      )}
      <button
        type="button"
        class={`button ${remedy ? "secondary" : "primary"}`}
        onClick={() => void session.retry(runId)}
      >
        {strings.retry}
      </button>
    </span>
  );
}

function toSentence(outcome: Exclude<Outcome, { type: "cancelled" }>): string {
  if (outcome.type === "timed_out") return strings.timedOut;
  if (outcome.type === "interrupted") return strings.interrupted;
  return outcome.error.message || strings.failed;
}

/** What the error's own words ask for: a provider's key, another model, or only another try. */
function toRemedy(outcome: Outcome): "key" | "model" | undefined {
  if (outcome.type !== "failed") return undefined;
  const { code, message } = outcome.error;
  if (/\bkey\b/i.test(message)) return "key";
  if ((code === "bad_request" || code === "unavailable" || code === "not_found") && /\bmodel\b/i.test(message))
    return "model";
  return undefined;
}
