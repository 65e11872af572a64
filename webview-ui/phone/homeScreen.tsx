import { useState } from "preact/hooks";
import { toAge } from "../parts/format.ts";
import { strings } from "../parts/strings.ts";
import { toTitle } from "../state/sessionList.ts";
import type { PhoneState } from "./phoneState.ts";
import { phoneWords } from "./phoneWords.ts";
import { PhoneQuestion } from "./phoneQuestion.tsx";
import { PushSwitch } from "./pushSwitch.tsx";
import { useStill } from "./useStill.ts";
import { WaitingCard } from "./waitingCard.tsx";

/** What waits first, then the sessions, then what is about this phone. */
export function HomeScreen({ phone }: { phone: PhoneState }) {
  const { approvals, questions, sessions } = phone;
  const entries = sessions.tree.value.filter(({ archived }) => !archived);
  const titleOf = (key: string) => toTitle(sessions.entries.value.get(key) ?? { key, title: null });
  const isEmpty = approvals.value.length === 0 && questions.value.length === 0;
  // What is not known is not said to be nothing.
  const isKnown = phone.isRead.value;
  const isStill = useStill([...approvals.value, ...questions.value].map(({ id }) => id).join(" "));
  return (
    <div class="screen">
      <section aria-labelledby="waiting">
        <h2 id="waiting">{phoneWords.waitsForYou}</h2>
        {!isKnown && <p class="quiet">{phoneWords.notKnown}</p>}
        {approvals.value.map((approval) => (
          <WaitingCard
            key={approval.id}
            phone={phone}
            approval={approval}
            title={titleOf(approval.sessionKey)}
            isStill={isStill}
          />
        ))}
        {questions.value.map((question) => (
          <PhoneQuestion key={question.id} phone={phone} question={question} isStill={isStill} />
        ))}
        {isEmpty && isKnown && <p class="quiet">{phoneWords.nothingWaits}</p>}
      </section>
      <section aria-labelledby="sessions">
        <h2 id="sessions">{phoneWords.allSessions}</h2>
        {entries.length === 0 && isKnown && <p class="quiet">{phoneWords.noSessions}</p>}
        <ul class="sessions">
          {entries.map((entry) => (
            <li key={entry.key}>
              <button
                type="button"
                class={`session depth-${Math.min(entry.depth, 3)}`}
                onClick={() => phone.show(entry.key)}
              >
                <span class={`dot ${entry.state}`} aria-hidden="true" />
                <span class="session-title" dir="auto">
                  {toTitle(entry)}
                </span>
                <span class="session-state">
                  {entry.state === "idle" ? toAge(entry.updatedAt) : strings.states[entry.state]}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </section>
      <ThisPhone phone={phone} />
    </div>
  );
}

function ThisPhone({ phone }: { phone: PhoneState }) {
  const [isSure, setSure] = useState(false);
  const { self } = phone;
  return (
    <section aria-labelledby="this-phone">
      <h2 id="this-phone">{phoneWords.thisPhone}</h2>
      {self.value && <p class="quiet">{phoneWords.pairedAs(self.value.name)}</p>}
      <PushSwitch phone={phone} />
      <button
        type="button"
        class="button danger"
        onBlur={() => setSure(false)}
        onClick={() => (isSure ? void phone.leave() : setSure(true))}
      >
        {isSure ? phoneWords.forgetSure : phoneWords.forget}
      </button>
    </section>
  );
}
