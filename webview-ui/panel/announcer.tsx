import { useEffect, useState } from "preact/hooks";
import { useSignalEffect } from "@preact/signals";
import { usePanel } from "../state/panelContext.ts";
import { spokenText } from "../markdown/drawnText.ts";
import type { RunOutcome } from "../../src/protocol/run.ts";
import { strings } from "../parts/strings.ts";
import { outcomeSpeech } from "../transcript/outcomeRow.tsx";

const SPOKEN_CHARS = 400;

/** Tells screen readers once when a run has ended or an approval or a question waits, never word by word. */
export function Announcer() {
  const { session, questions } = usePanel();
  const [said, setSaid] = useState({ words: "", count: 0 });
  const say = (words: string) => setSaid(({ count }) => ({ words, count: count + 1 }));
  const approval = session.state.approvals.value.at(-1);
  const question = questions.waiting.value.at(-1);

  useSignalEffect(() => {
    const done = session.finished.value;
    if (done) say(endWords(done.outcome));
  });
  useEffect(() => {
    if (approval) say(strings.asked(approval.summary));
  }, [approval?.id]);
  useEffect(() => {
    if (question) say(strings.questionAsked(question.server, question.message));
  }, [question?.id]);

  return (
    <div class="sr-only" role="status" aria-live="polite" aria-atomic="true">
      {/* The same words again are news, too: they are an element of their own each time. */}
      <span key={said.count}>{said.words}</span>
    </div>
  );
}

function endWords(outcome: RunOutcome): string {
  return outcome.type === "done" ? strings.finished(toSpeech(outcome.reply)) : outcomeSpeech(outcome);
}

function toSpeech(markdown: string): string {
  // Cut in the middle of white space, it would be shorter than it is.
  const plain = spokenText(markdown, SPOKEN_CHARS);
  return plain.length > SPOKEN_CHARS ? `${plain.slice(0, SPOKEN_CHARS)}…` : plain;
}
