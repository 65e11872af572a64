import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { strings } from "../parts/strings.ts";
import { PhoneRow } from "./phoneRow.tsx";
import type { PhoneSession } from "./phoneSession.ts";
import type { PhoneState } from "./phoneState.ts";
import { phoneWords } from "./phoneWords.ts";
import { useStill } from "./useStill.ts";
import { WaitingCard } from "./waitingCard.tsx";

/** One session: what was said in it, what waits in it, and where to say something. */
export function SessionScreen({ phone, session }: { phone: PhoneState; session: PhoneSession }) {
  const { state, rows, isReady } = session;
  const waiting = state.approvals.value;
  const isStill = useStill(waiting.map(({ id }) => id).join(" "));
  const isAtEnd = useRef(true);
  useEffect(() => {
    const look = () => (isAtEnd.current = innerHeight + scrollY > document.documentElement.scrollHeight - 80);
    addEventListener("scroll", look, { passive: true });
    return () => removeEventListener("scroll", look);
  }, []);
  const newest = state.reply.open.value?.text.length;
  useLayoutEffect(() => {
    if (isAtEnd.current) scrollTo(0, document.documentElement.scrollHeight);
  }, [rows.value, waiting, newest, isReady.value]);
  return (
    <div class="screen session-screen">
      {!isReady.value && <p class="quiet">{strings.loading}</p>}
      {isReady.value && rows.value.length === 0 && <p class="quiet">{phoneWords.empty}</p>}
      {state.hasOlder.value && (
        <button type="button" class="button" onClick={() => void session.loadOlder()}>
          {phoneWords.older}
        </button>
      )}
      <div class="rows" role="log" aria-label={strings.transcript} aria-live="off" onClick={onLink}>
        {rows.value.map((row) => (
          <PhoneRow key={row.key} row={row} reply={state.reply} />
        ))}
      </div>
      {waiting.map((approval) => (
        <WaitingCard key={approval.id} phone={phone} approval={approval} isStill={isStill} />
      ))}
      <Composer phone={phone} session={session} />
    </div>
  );
}

function Composer({ phone, session }: { phone: PhoneState; session: PhoneSession }) {
  const { state, isStopping, draft } = session;
  const isBusy = state.isBusy.value;
  const text = draft.text.value;
  const cannotSend = text.trim() === "" || draft.isOnItsWay.value;
  const send = (event: Event) => {
    event.preventDefault();
    if (!cannotSend) void session.say();
  };
  return (
    <form class="composer" onSubmit={send}>
      {phone.may("send") ? (
        <textarea
          aria-label={phoneWords.say}
          placeholder={isBusy ? phoneWords.steerHint : strings.placeholder}
          rows={1}
          value={text}
          onInput={({ currentTarget }) => draft.write(currentTarget.value)}
        />
      ) : (
        <p class="quiet">{phoneWords.lookOnly}</p>
      )}
      {isBusy && phone.may("approvals") && (
        <button type="button" class="button danger" disabled={isStopping.value} onClick={() => void session.stop()}>
          {isStopping.value ? strings.stopping : phoneWords.stop}
        </button>
      )}
      {phone.may("send") && (
        <button type="submit" class="button primary" disabled={cannotSend}>
          {isBusy ? phoneWords.steer : phoneWords.send}
        </button>
      )}
    </form>
  );
}

/** Links lead out of the page into a tab that knows nothing of it; paths are the computer's. */
function onLink(event: MouseEvent): void {
  const link = (event.target as Element).closest("a");
  if (!link) return;
  event.preventDefault();
  const { url } = link.dataset;
  if (url !== undefined) open(url, "_blank", "noopener,noreferrer");
}
