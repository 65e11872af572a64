import { Icon } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

/** What was deleted in the last seconds, and the way back. */
export function DeletedBar() {
  const { session, deletions, focusRequests } = usePanel();
  const deleted = deletions.deleted.value;
  const undo = async () => {
    await session.attempt(() => deletions.undo());
    focusRequests.value++;
  };
  return (
    <div role="status">
      {deleted.length > 0 && (
        <div class="bar">
          <Icon name="trash" />
          <span class="bar-text">{strings.sessionsDeleted(deleted.map(({ title }) => title))}</span>
          <button type="button" class="button secondary" onClick={() => void undo()}>
            {strings.undoDelete}
          </button>
        </div>
      )}
    </div>
  );
}
