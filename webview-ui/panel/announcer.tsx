import { useEffect, useState } from "preact/hooks";
import { useSignalEffect } from "@preact/signals";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

const SPOKEN_CHARS = 400;

/** Tells screen readers once when an answer is complete or an approval or a question waits, never word by word. */
export function Announcer() {
  const { session, questions } = usePanel();
  const [said, say] = useState("");
  const approval = session.state.approvals.value.at(-1);
  const question = questions.waiting.value.at(-1);

  useSignalEffect(() => {
    const done = session.finished.value;
    if (done) say(strings.finished(toSpeech(done.reply)));
  });
  useEffect(() => {
    if (approval) say(strings.asked(approval.summary));
  }, [approval?.id]);
  useEffect(() => {
    if (question) say(strings.questionAsked(question.server, question.message));
  }, [question?.id]);

  return (
    <div class="sr-only" role="status" aria-live="polite" aria-atomic="true">
      {said}
    </div>
  );
}

function toSpeech(markdown: string): string {
  const plain = markdown
    .replace(/```[\s\S]*?(?:```|$)/g, " ")
    .replace(/[`*_#>|]+/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return plain.length > SPOKEN_CHARS ? `${plain.slice(0, SPOKEN_CHARS)}…` : plain;
}
