import { useState } from "preact/hooks";
import type { Approval, ApprovalSubject } from "../../src/protocol/approval.ts";
import { visible } from "../../src/base/text/visible.ts";
import { approvalWords } from "../parts/approvalWords.ts";
import { strings } from "../parts/strings.ts";
import { Countdown } from "../transcript/countdown.tsx";
import { DiffView } from "../transcript/diffView.tsx";
import type { PhoneState } from "./phoneState.ts";
import { phoneWords } from "./phoneWords.ts";

interface WaitingCardProps {
  phone: PhoneState;
  approval: Approval;
  /** Of its session, where that is not the one that is shown. */
  title?: string;
  /** False just after something else came or went. */
  isStill: boolean;
}

/** A call that waits, with exactly what it would do. What holds for longer than this one call is answered at the computer. */
export function WaitingCard({ phone, approval, title, isStill }: WaitingCardProps) {
  const [isSent, setSent] = useState(false);
  const { id, subject, reason, expiresAt, offers, raises } = approval;
  const answer = async (decision: "allow" | "deny") => {
    if (!isStill) return;
    setSent(true);
    if (!(await phone.answer(id, decision))) setSent(false);
  };
  const offer = offers.find(({ decision, rule }) => decision === "allow" && !rule);
  const allow = raises && offer ? strings.allowMore(approvalWords.covers(offer.words)) : strings.allowOnce;
  const may = phone.may("approvals");
  return (
    <article class="waiting-card" aria-label={strings.approvalFor(approval.summary)}>
      <p class="waiting-head">
        <span>{approvalWords.reason(reason)}</span> <Countdown expiresAt={expiresAt} />
      </p>
      {title !== undefined && (
        <button type="button" class="plain" onClick={() => phone.show(approval.sessionKey)}>
          <bdi>{phoneWords.inSession(title)}</bdi>
        </button>
      )}
      <Subject subject={subject} />
      {may && (
        <div class="answers">
          <button
            type="button"
            class="button"
            disabled={isSent}
            aria-disabled={!isStill}
            onClick={() => void answer("deny")}
          >
            {strings.deny}
          </button>
          {offer && (
            <button
              type="button"
              class="button primary"
              disabled={isSent}
              aria-disabled={!isStill}
              onClick={() => void answer("allow")}
            >
              {allow}
            </button>
          )}
        </div>
      )}
    </article>
  );
}

function Subject({ subject }: { subject: ApprovalSubject }) {
  if (subject.type === "edit") return <DiffView path={subject.path} before={subject.before} after={subject.after} />;
  return (
    <div class="subject">
      <pre tabIndex={0} role="region" aria-label={strings.toolInput}>
        {visible(subject.type === "command" ? subject.command : subject.text)}
      </pre>
      {subject.type === "command" && <p class="quiet">{strings.runsIn(visible(subject.cwd))}</p>}
    </div>
  );
}
