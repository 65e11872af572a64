import { createSession } from "../state/createSession.ts";
import { Icon } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

/** Says when the session works in a folder that is not open in this window, so that nobody is surprised where files change. */
export function ElsewhereBar() {
  const panel = usePanel();
  const { session, folders } = panel;
  const workspace = session.figures.value?.workspace;
  if (!workspace || folders.value.includes(workspace)) return null;
  return (
    <div class="bar" role="note">
      <Icon name="folder-opened" />
      <span class="bar-text" title={workspace}>
        {folders.value.length === 0
          ? strings.worksWithoutFolder
          : strings.worksElsewhere(workspace.split(/[\\/]/).at(-1) || workspace)}
      </span>
      <button type="button" class="button secondary" onClick={() => void session.attempt(() => createSession(panel))}>
        {strings.newSessionHere}
      </button>
    </div>
  );
}
