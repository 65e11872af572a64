import { useRef, useState } from "preact/hooks";
import type { Approval, ApprovalDecision, ApprovalSubject, Offer } from "../../src/protocol/approval.ts";
import { visible } from "../../src/base/text/visible.ts";
import { Countdown } from "./countdown.tsx";
import { DiffView } from "./diffView.tsx";
import { usePanel } from "../state/panelContext.ts";
import { approvalWords } from "../parts/approvalWords.ts";
import { focusNextCard } from "../parts/focusNextCard.ts";
import { strings } from "../parts/strings.ts";

/** A tool call that waits for the user's word, with exactly what it would do. */
export function ApprovalCard({ approval }: { approval: Approval }) {
  const { session, gateway, focusRequests } = usePanel();
  const [isSent, setSent] = useState(false);
  const card = useRef<HTMLElement>(null);
  const decide = async (offer: Offer) => {
    // At once: a disabled button gives its focus away, and what is typed until the answer is taken would be lost.
    if (card.current?.contains(document.activeElement))
      focusNextCard(".approval", card.current, () => focusRequests.value++);
    setSent(true);
    const isTaken = await session.answer(approval.id, offer);
    if (!isTaken) setSent(false);
  };
  const openDiff = () => session.attempt(() => gateway.call("editor.openDiff", { approvalId: approval.id }));
  return (
    <section class="approval" tabIndex={-1} ref={card} aria-label={strings.approvalFor(approval.summary)}>
      <div class="approval-head">
        <span class="approval-reason">{approvalWords.reason(approval.reason)}</span>
        <Countdown expiresAt={approval.expiresAt} />
      </div>
      <Subject subject={approval.subject} />
      <div class="approval-actions">
        {inOrder(approval.offers).map((offer) => (
          <OfferButton
            key={`${offer.decision} ${offer.words}`}
            offer={offer}
            name={nameOf(offer, approval)}
            isSent={isSent}
            onClick={() => void decide(offer)}
          />
        ))}
        {approval.subject.type === "edit" && (
          <button type="button" class="link-button" onClick={() => void openDiff()}>
            {strings.openDiff}
          </button>
        )}
      </div>
    </section>
  );
}

/** One answer; where it holds for longer than this call, with all that it covers. */
function OfferButton(props: { offer: Offer; name: string; isSent: boolean; onClick: () => void }) {
  const { offer, name, isSent, onClick } = props;
  const { decision, rule } = offer;
  const words = approvalWords.covers(offer.words);
  const kind = decision === "allow" ? "primary" : "secondary";
  return (
    <button
      type="button"
      class={`button ${kind} offer ${rule ? "lasting" : ""}`}
      title={words}
      disabled={isSent}
      onClick={onClick}
    >
      {name}
      {rule && <span class="offer-words">{words}</span>}
    </button>
  );
}

/** What holds for this call alone first; what holds for longer has a line of its own. */
function inOrder(offers: Offer[]): Offer[] {
  return [...offers.filter(({ rule }) => !rule), ...offers.filter(({ rule }) => rule)];
}

/** What an answer is called; what gives a budget more says how much. */
function nameOf({ decision, words }: Offer, { raises }: Approval): string {
  return raises && decision === "allow" ? strings.allowMore(approvalWords.covers(words)) : OFFER_NAMES[decision];
}

const OFFER_NAMES: Record<ApprovalDecision, string> = {
  allow: strings.allowOnce,
  allow_session: strings.allowSession,
  allow_job: strings.allowJob,
  allow_always: strings.allowAlways,
  deny: strings.deny,
};

function Subject({ subject }: { subject: ApprovalSubject }) {
  switch (subject.type) {
    case "command":
      return (
        <div class="approval-subject">
          <pre tabIndex={0} role="region" aria-label={strings.toolInput}>
            {visible(subject.command)}
          </pre>
          <div class="approval-place">{strings.runsIn(visible(subject.cwd))}</div>
        </div>
      );
    case "edit":
      return <DiffView path={subject.path} before={subject.before} after={subject.after} />;
    case "other":
      return (
        <div class="approval-subject">
          <pre tabIndex={0} role="region" aria-label={strings.toolInput}>
            {visible(subject.text)}
          </pre>
        </div>
      );
  }
}
