import { sumTokens, toCount } from "../parts/format.ts";
import { StateDot } from "../parts/stateDot.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

/** A sub-agent where it was spawned: what it does now, what it took, and how to stop or open it. */
export function SubagentCard({ sessionKey }: { sessionKey: string }) {
  const { session, gateway, subagents, sessions } = usePanel();
  const entry = subagents.find(sessionKey);
  const state = entry?.state ?? sessions.entries.value.get(sessionKey)?.state;
  const isBusy = state === "running" || state === "queued" || state === "waiting";
  const tokens = entry ? sumTokens(entry.usage) : 0;
  return (
    <div class="subagent">
      {state && <StateDot state={state} />}
      <span class="subagent-now">{(isBusy && entry?.activity) || (state ? strings.states[state] : strings.gone)}</span>
      {tokens > 0 && <span class="subagent-tokens">{strings.tokens(toCount(tokens))}</span>}
      {isBusy && (
        <button
          type="button"
          class="link-button"
          onClick={() => void session.attempt(() => gateway.call("subagents.cancel", { sessionKey }))}
        >
          {strings.stopSubagent}
        </button>
      )}
      {state && (
        <button type="button" class="link-button" onClick={() => void session.show(sessionKey)}>
          {strings.openSession}
        </button>
      )}
    </div>
  );
}
