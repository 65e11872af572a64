import { Icon } from "../parts/icon.tsx";
import { DEMO_MODEL } from "../state/modelList.ts";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

/** A session without messages: how to begin, and what is missing to. */
export function EmptyState() {
  const { gateway, session, models, draft, focusRequests } = usePanel();
  const isDemo = session.figures.value?.model === DEMO_MODEL;
  const isUnset = models.isUnset.value;
  const setUp = () =>
    session.attempt(async () => {
      await gateway.call("editor.setUpModel", {});
      await Promise.all([models.refresh(), session.refreshFigures()]);
    });
  const openDocumentation = () => session.attempt(() => gateway.call("editor.openDocumentation", {}));
  const begin = (text: string) => {
    draft.text.value = text;
    focusRequests.value++;
  };
  return (
    <div class="screen">
      <span class="screen-icon">
        <Mark />
      </span>
      <h2>{strings.welcome}</h2>
      <p>{isUnset && !isDemo ? strings.noModelText : strings.welcomeText}</p>
      {isUnset && (
        <button type="button" class="button primary" onClick={() => void setUp()}>
          {strings.setUpModel}
        </button>
      )}
      <ul class="examples">
        {(isDemo ? strings.demoExamples : strings.examples).map(({ icon, text }) => (
          <li key={text}>
            <button type="button" class="example" onClick={() => begin(text)}>
              <Icon name={icon} />
              <span>{text}</span>
            </button>
          </li>
        ))}
      </ul>
      {isDemo && (
        <p class="note">
          <Icon name="info" /> {strings.demoNote}
        </p>
      )}
      {isUnset && (
        <button type="button" class="link-button" onClick={() => void openDocumentation()}>
          {strings.documentation}
        </button>
      )}
    </div>
  );
}

/** Pincer's mark, in the colour of the text around it. */
function Mark() {
  return (
    <svg viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <g stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">
        <path d="M9.5 4H7a3 3 0 0 0-3 3v10a3 3 0 0 0 3 3h2.5" />
        <path d="M14.5 4H17a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3h-2.5" />
      </g>
      <circle cx="12" cy="12" r="2.5" fill="currentColor" />
    </svg>
  );
}
