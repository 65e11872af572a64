import type { SessionState } from "../../src/protocol/session.ts";
import { strings } from "./strings.ts";

/** A session's state as a mark that differs in shape as well as in colour. */
export function StateDot({ state }: { state: SessionState }) {
  return (
    <span class={`state-dot ${state}`} role="img" aria-label={strings.states[state]} title={strings.states[state]} />
  );
}
