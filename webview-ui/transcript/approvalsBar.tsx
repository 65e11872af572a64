import { useState } from "preact/hooks";
import type { Approval } from "../../src/protocol/approval.ts";
import { isToldWhole } from "../../src/base/text/toldWhole.ts";
import { visible } from "../../src/base/text/visible.ts";
import { Icon } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { approvalWords } from "../parts/approvalWords.ts";
import { strings } from "../parts/strings.ts";

/** Several calls that wait, each said in full, answered with one word. Each is still asked on its own row. */
export function ApprovalsBar() {
  const { session, focusRequests } = usePanel();
  const waiting = session.state.approvals.value;
  const [isSent, setSent] = useState(false);
  if (waiting.length < 2) return null;
  const answerAll = async (decision: "allow" | "deny") => {
    setSent(true);
    // What was asked for meanwhile is not among them: nobody has seen it.
    for (const approval of waiting) {
      const offer = approval.offers.find((one) => one.decision === decision && !one.rule);
      if (offer) await session.answer(approval.id, offer);
    }
    setSent(false);
    focusRequests.value++;
  };
  return (
    <section class="bar waiting" aria-label={strings.severalWait(waiting.length)}>
      <Icon name="bell-dot" />
      <span class="bar-text">{strings.severalWait(waiting.length)}</span>
      <ul class="waiting-list">
        {waiting.map((approval) => (
          <li key={approval.id}>
            {toLine(approval)}
            <Rest approval={approval} />
          </li>
        ))}
      </ul>
      <button type="button" class="button primary" disabled={isSent} onClick={() => void answerAll("allow")}>
        {strings.allowAllOnce(waiting.length)}
      </button>
      <button type="button" class="button secondary" disabled={isSent} onClick={() => void answerAll("deny")}>
        {strings.denyAll(waiting.length)}
      </button>
    </section>
  );
}

function toLine({ summary, reason }: Approval): string {
  return reason ? `${summary} (${approvalWords.reason(reason)})` : summary;
}

/** All that would happen, where the line does not tell it; the change of a file is shown on its own row. */
function Rest({ approval }: { approval: Approval }) {
  const { subject } = approval;
  if (subject.type === "edit" || isToldWhole(approval)) return null;
  return <div class="waiting-whole">{visible(subject.type === "command" ? subject.command : subject.text)}</div>;
}
