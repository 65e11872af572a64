import { createSession } from "../state/createSession.ts";
import { Icon, IconButton } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

/** Says that the shown session was deleted elsewhere, or went by itself, and takes what is written in it into another. */
export function GoneBar() {
  const panel = usePanel();
  const { session, deletions, draft } = panel;
  const left = session.left.value;
  const goOn = async () => {
    const from = session.key.value;
    if (await createSession(panel)) draft.bring(from);
  };
  return (
    <div role="status">
      {session.phase.value === "deleted" && (
        <div class="bar">
          <Icon name="trash" />
          <span class="bar-text">{strings.shownDeleted}</span>
          <button type="button" class="button secondary" onClick={() => void session.attempt(goOn)}>
            {strings.goOnInNew}
          </button>
        </div>
      )}
      {left !== undefined && !deletions.isOwn(left) && (
        <div class="bar">
          <Icon name="trash" />
          <span class="bar-text">{strings.leftDeleted}</span>
          <IconButton icon="close" label={strings.dismiss} onClick={() => (session.left.value = undefined)} />
        </div>
      )}
    </div>
  );
}
