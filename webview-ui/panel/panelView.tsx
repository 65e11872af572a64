import { useEffect, useState } from "preact/hooks";
import { Announcer } from "./announcer.tsx";
import { Composer } from "../composer/composer.tsx";
import { isDroppable, takeDropped } from "../composer/dropped.ts";
import { ElsewhereBar } from "./elsewhereBar.tsx";
import { EmptyState } from "./emptyState.tsx";
import { FindBar } from "./findBar.tsx";
import { Footer } from "./footer.tsx";
import { GatewayBanner, GatewayScreen } from "./gatewayScreen.tsx";
import { Header } from "./header.tsx";
import { ApprovalsBar } from "../transcript/approvalsBar.tsx";
import { PlanBar } from "../transcript/planBar.tsx";
import { isComposing } from "../parts/composing.ts";
import { usePanel } from "../state/panelContext.ts";
import { ProblemBar } from "./problemBar.tsx";
import { useKeptFocus } from "./keptFocus.ts";
import { useTypedAnywhere } from "./typedAnywhere.ts";
import { QuestionsBar } from "../questions/questionsBar.tsx";
import { ReadyPlanBar } from "./readyPlanBar.tsx";
import { DeletedBar } from "./deletedBar.tsx";
import { GoneBar } from "./goneBar.tsx";
import { strings } from "../parts/strings.ts";
import { Transcript } from "../transcript/transcript.tsx";

/** The whole panel: header, what was said, and where to say more. */
export function PanelView() {
  const panel = usePanel();
  const { session } = panel;
  const [isOver, setOver] = useState(false);
  useKeptFocus();
  useTypedAnywhere();
  const onDrop = (event: DragEvent) => {
    setOver(false);
    if (!isDroppable(event)) return;
    event.preventDefault();
    void session.attempt(() => takeDropped(event, panel));
  };
  const onDragOver = (event: DragEvent) => {
    if (!isDroppable(event)) return;
    event.preventDefault();
    setOver(true);
  };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // Where letters are no Latin ones, it is the key that has the F elsewhere.
      const isF = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() === "f" : event.code === "KeyF";
      const isFind = isF && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      if (!isFind) return;
      event.preventDefault();
      // The editor hears of the keys of its pages from the window, and would find in the file beside the chat instead.
      event.stopPropagation();
      panel.find.open();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented || isComposing(event)) return;
    // From a message that was gone to it leads back, and stops nothing.
    if ((event.target as Element).matches("article")) panel.focusRequests.value++;
    else void session.stop();
  };
  return (
    <div
      class={isOver ? "panel dropping" : "panel"}
      onKeyDown={onKeyDown}
      onDragOver={onDragOver}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <Header />
      <FindBar />
      <PlanBar />
      <main class="panel-body">
        <Body />
      </main>
      <QuestionsBar />
      <ApprovalsBar />
      <GatewayBanner />
      <ElsewhereBar />
      <ProblemBar />
      <DeletedBar />
      <GoneBar />
      <ReadyPlanBar />
      <Composer />
      <Footer />
      <Announcer />
    </div>
  );
}

function Body() {
  const { session, gatewayState } = usePanel();
  if (session.rows.value.length > 0) return <Transcript key={session.key.value} />;
  if (gatewayState.value.state !== "running") return <GatewayScreen />;
  if (session.phase.value === "deleted") return null;
  if (session.phase.value !== "ready") return <p class="loading">{strings.loading}</p>;
  return <EmptyState />;
}
