import { Icon } from "../parts/icon.tsx";
import { Mark } from "../parts/mark.tsx";
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
      await gateway.call("editor.setApiKey", {});
      await Promise.all([models.refresh(), session.refreshFigures()]);
    });
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
        {strings.examples.map(({ icon, text }) => (
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
    </div>
  );
}
