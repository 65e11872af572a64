import { strings } from "../parts/strings.ts";
import { toTitle } from "../state/sessionList.ts";
import { HomeScreen } from "./homeScreen.tsx";
import { PairingScreen } from "./pairingScreen.tsx";
import type { PhoneState } from "./phoneState.ts";
import { phoneWords } from "./phoneWords.ts";
import { SessionScreen } from "./sessionScreen.tsx";

/** The page: how it is connected, what went wrong, and the one screen that is shown. */
export function PhoneView({ phone }: { phone: PhoneState }) {
  const isPaired = phone.token.value !== undefined;
  const session = isPaired ? phone.shown.value : undefined;
  const entry = session && phone.sessions.entries.value.get(session.key);
  const title = session ? toTitle(entry ?? { key: session.key, title: null }) : strings.product;
  const elsewhere =
    phone.approvals.value.filter(({ sessionKey }) => sessionKey !== session?.key).length + phone.questions.value.length;
  document.title = session ? `${title} · ${strings.product}` : strings.product;
  return (
    <>
      <header class="top">
        {session && (
          <button type="button" class="back" onClick={() => history.back()}>
            <span aria-hidden="true">‹</span>
            <span class="sr-only">{phoneWords.back}</span>
          </button>
        )}
        <h1 dir="auto">{title}</h1>
        {session && elsewhere > 0 && (
          <button type="button" class="plain elsewhere" onClick={() => history.back()}>
            {phoneWords.waitElsewhere(elsewhere)}
          </button>
        )}
        {isPaired && phone.line.value === "connecting" && <span class="line-state">{phoneWords.connecting}</span>}
      </header>
      <div role="status" class="notes">
        {isPaired && phone.line.value === "away" && (
          <p class="note away">
            <strong>{phoneWords.away}</strong> {phoneWords.awayHint}
          </p>
        )}
      </div>
      <div role="alert" class="notes">
        {phone.problem.value !== undefined && (
          <p class="note problem">
            <span>{phone.problem.value}</span>
            <button type="button" class="plain" onClick={() => (phone.problem.value = undefined)}>
              {phoneWords.dismiss}
            </button>
          </p>
        )}
      </div>
      <main>
        {!isPaired || phone.isPairing.value ? (
          <PairingScreen phone={phone} />
        ) : session ? (
          <SessionScreen key={session.key} phone={phone} session={session} />
        ) : (
          <HomeScreen phone={phone} />
        )}
      </main>
    </>
  );
}
