import type { ErrorBody } from "../../src/protocol/error.ts";
import type { RunOutcome } from "../../src/protocol/run.ts";
import { useNow } from "./countdown.tsx";
import { type FailureKind, toFailureKind, waitLeft } from "./failure.ts";
import { toClock } from "../parts/format.ts";
import { Icon } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

type Outcome = Exclude<RunOutcome, { type: "done" }>;

export interface OutcomeRowProps {
  outcome: Outcome;
  runId: string;
  finishedAt?: string;
  isLast: boolean;
}

/** How a run ended when it did not end well, and what can be done about it. */
export function OutcomeRow({ outcome, runId, finishedAt, isLast }: OutcomeRowProps) {
  const { session } = usePanel();
  if (outcome.type === "cancelled") {
    return (
      <div class="outcome quiet">
        <Icon name="circle-slash" />
        <span class="outcome-text">{strings.stopped}</span>
      </div>
    );
  }
  const error = outcome.type === "failed" ? outcome.error : undefined;
  const kind = error ? toFailureKind(error) : undefined;
  const title = titleOf(outcome);
  return (
    <div class={`outcome ${error ? "failed" : "cut"}`}>
      <Icon name={kind ? ICONS[kind] : "warning"} />
      <div class="outcome-body">
        {title && <strong class="outcome-title">{title}</strong>}
        <span class="outcome-text">{toSentence(outcome)}</span>
        {isLast && !session.isBusy.value && <Actions kind={kind} error={error} runId={runId} finishedAt={finishedAt} />}
      </div>
    </div>
  );
}

const ICONS: Record<FailureKind, string> = {
  key: "key",
  rate: "watch",
  outage: "server-environment",
  connection: "debug-disconnect",
  budget: "credit-card",
  model: "error",
  other: "error",
};

interface ActionsProps {
  kind?: FailureKind;
  error?: ErrorBody;
  runId: string;
  finishedAt?: string;
}

function Actions({ kind, error, runId, finishedAt }: ActionsProps) {
  const { session, gateway, models } = usePanel();
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
  const mayChange = kind === "rate" || kind === "outage" || kind === "connection";
  return (
    <span class="outcome-actions">
      {kind === "key" && (
        <button type="button" class="button primary" onClick={() => void setKey()}>
          {strings.setApiKey}
        </button>
      )}
      {kind === "model" && (
        <button type="button" class="button primary" onClick={() => void pickModel()}>
          {strings.chooseModel}
        </button>
      )}
      <RetryButton
        class={kind === "key" || kind === "model" ? "secondary" : "primary"}
        retryAfterMs={error?.retryAfterMs}
        finishedAt={finishedAt}
        onRetry={() => void session.retry(runId)}
      />
      {mayChange && (
        <button type="button" class="button secondary" onClick={() => void pickModel()}>
          {strings.chooseModel}
        </button>
      )}
    </span>
  );
}

/** Counts down while the provider would only refuse again. */
function RetryButton(props: { class: string; retryAfterMs?: number; finishedAt?: string; onRetry: () => void }) {
  const { retryAfterMs, finishedAt } = props;
  const isWaiting = waitLeft(retryAfterMs, finishedAt, Date.now()) > 0;
  const left = waitLeft(retryAfterMs, finishedAt, useNow(isWaiting));
  return (
    <button type="button" class={`button ${props.class}`} disabled={left > 0} onClick={props.onRetry}>
      {left > 0 ? strings.retryIn(toClock(left)) : strings.retry}
    </button>
  );
}

/** What the row of an outcome says, for those who do not see it. */
export function outcomeSpeech(outcome: Outcome): string {
  if (outcome.type === "cancelled") return strings.stopped;
  return [titleOf(outcome), toSentence(outcome)].filter(Boolean).join(" – ");
}

function titleOf(outcome: Outcome): string {
  return outcome.type === "failed" ? strings.failures[toFailureKind(outcome.error)] : "";
}

function toSentence(outcome: Exclude<Outcome, { type: "cancelled" }>): string {
  if (outcome.type === "timed_out") return strings.timedOut;
  if (outcome.type === "interrupted") return strings.interrupted;
  return outcome.error.message || strings.failed;
}
