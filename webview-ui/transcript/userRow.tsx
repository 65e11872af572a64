import type { Attachment, Origin } from "../../src/protocol/message.ts";
import { AttachmentChip } from "../parts/attachmentChip.tsx";
import { Icon, IconButton } from "../parts/icon.tsx";
import { toTime } from "../parts/format.ts";
import { usePanel } from "../state/panelContext.ts";
import { toTitle } from "../state/sessionList.ts";
import type { ShownAs } from "../state/panelMessage.ts";
import type { Row } from "../state/rows.ts";
import { TypedText } from "../markdown/markdownView.tsx";
import { strings } from "../parts/strings.ts";
import { EndPlan } from "./endPlan.tsx";

/** What was asked, with where it came from when that was not this panel. */
export function UserRow({ message }: { message: ShownAs<"user"> }) {
  const { text, attachments = [], prompt, origin, createdAt, seq } = message;
  const { session, gateway } = usePanel();
  const goBack = () =>
    session.attempt(async () => {
      await gateway.call("editor.goBack", { sessionKey: session.key.value, beforeSeq: seq });
    });
  return (
    <article
      class="user"
      aria-label={strings.messageFrom(origin.via === "panel" ? strings.you : originWord(origin), toTime(createdAt))}
    >
      <div class="bubble">
        {origin.via !== "panel" && <OriginChip origin={origin} seq={seq} />}
        {text && <TypedText text={text} />}
        {prompt && (
          <details class="told">
            <summary>{strings.whatWasSent}</summary>
            <div class="thinking-text">{prompt.text}</div>
          </details>
        )}
        <Attachments attachments={attachments} />
        <EndPlan of={message} />
      </div>
      <IconButton class="go-back" icon="discard" label={strings.goBack} onClick={() => void goBack()} />
    </article>
  );
}

/** What was sent and is not part of the history yet: on its way, or waiting for the run before it. */
export function PendingRow({ row }: { row: Extract<Row, { type: "pending" }> }) {
  const { text, carries = [], origin, runId } = row;
  return (
    <article class="user pending" aria-label={strings.you}>
      <div class="bubble">
        {origin && origin.via !== "panel" && <OriginChip origin={origin} />}
        <div class="user-text">{text || strings.onlyAttachments}</div>
        {carries.length > 0 && (
          <div class="chips">
            {carries.map((name, index) => (
              <span class="chip" title={name} key={index}>
                <Icon name="file" />
                <span class="chip-name">{name}</span>
              </span>
            ))}
          </div>
        )}
      </div>
      <span class="user-note">
        {runId === undefined ? strings.sending : strings.queued}
        {runId !== undefined && <QueueActions runId={runId} text={text} isNext={row.isNext ?? false} />}
      </span>
    </article>
  );
}

/** What can be done with a message that waits for the run before it. */
function QueueActions({ runId, text, isNext }: { runId: string; text: string; isNext: boolean }) {
  const { session, draft, focusRequests } = usePanel();
  const edit = async () => {
    const sessionKey = session.key.value;
    const typed = session.typed(runId, text);
    const attachments = await session.unqueue(runId);
    if (!attachments) return;
    draft.edit({ runId, text: typed, attachments }, sessionKey);
    focusRequests.value++;
  };
  return (
    <span class="queue-actions">
      {isNext && (
        <button type="button" class="link-button" title={strings.sendNowHint} onClick={() => void session.stop()}>
          {strings.sendNow}
        </button>
      )}
      <button type="button" class="link-button" onClick={() => void edit()}>
        {strings.editQueued}
      </button>
      <button type="button" class="link-button" onClick={() => void session.unqueue(runId)}>
        {strings.removeQueued}
      </button>
    </span>
  );
}

const ORIGIN_ICONS: Record<Origin["via"], string> = {
  api: "plug",
  panel: "comment",
  palette: "terminal-cmd",
  cli: "terminal",
  cron: "watch",
  subagent: "type-hierarchy-sub",
  openai: "plug",
  mcp: "mcp",
  telegram: "send",
  discord: "comment-discussion",
  webhook: "broadcast",
  phone: "device-mobile",
};

/** A rehearsal of a job is no firing of it, and says so. */
function originWord({ via, rehearsal }: Origin): string {
  return rehearsal ? strings.rehearsal : strings.origins[via];
}

/** Who is behind it, as people know it: what Pincer calls runs and jobs says nothing to them. Of a sub-agent's task, its parent. */
function useOriginName({ via, id }: Origin, seq: number | undefined): string | undefined {
  const { session, sessions } = usePanel();
  const { messages, hasOlder } = session.state;
  if (via !== "subagent") return id?.startsWith("job_") ? undefined : id;
  const { parentKey } = sessions.entries.value.get(session.key.value) ?? {};
  const parent = parentKey && sessions.entries.value.get(parentKey);
  const isTask = seq !== undefined && !hasOlder.value && messages.value[0]?.seq === seq;
  return parent && isTask ? toTitle(parent) : undefined;
}

function OriginChip({ origin, seq }: { origin: Origin; seq?: number }) {
  const name = useOriginName(origin, seq);
  return (
    <span class="origin" title={name}>
      <Icon name={ORIGIN_ICONS[origin.via]} />
      {originWord(origin)}
      {name && <span class="origin-id">{name}</span>}
    </span>
  );
}

function Attachments({ attachments }: { attachments: Attachment[] }) {
  if (attachments.length === 0) return null;
  return (
    <div class="chips">
      {attachments.map((attachment, index) => (
        <AttachmentChip key={index} attachment={attachment} />
      ))}
    </div>
  );
}
