import { Icon, IconButton } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

/** The sentence of the last call that failed, until it is read. */
export function ProblemBar() {
  const { session, gatewayState } = usePanel();
  const problem = session.problem.value;
  if (!problem || gatewayState.value.state !== "running") return null;
  return (
    <div class="bar error" role="alert">
      <Icon name="error" />
      <span class="bar-text">{problem}</span>
      <IconButton icon="close" label={strings.dismiss} onClick={() => (session.problem.value = undefined)} />
    </div>
  );
}
