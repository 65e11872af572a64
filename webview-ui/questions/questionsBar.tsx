import { usePanel } from "../state/panelContext.ts";
import { QuestionCard } from "./questionCard.tsx";

/** What MCP servers ask, whichever session's call they are at: a server serves them all. */
export function QuestionsBar() {
  const { questions, gatewayState } = usePanel();
  if (questions.waiting.value.length === 0 || gatewayState.value.state !== "running") return null;
  return (
    <div class="questions">
      {questions.waiting.value.map((question) => (
        <QuestionCard key={question.id} question={question} />
      ))}
    </div>
  );
}
