import type { Attachment, Origin } from "../../src/protocol/message.ts";
import { AttachmentChip } from "../parts/attachmentChip.tsx";
import { Icon } from "../parts/icon.tsx";
import type { ShownAs } from "../state/panelMessage.ts";
import { strings } from "../parts/strings.ts";

/** What was asked, with where it came from when that was not this panel. */
export function UserRow({ message }: { message: ShownAs<"user"> }) {
  const { text, attachments = [], origin, createdAt } = message;
  return (
    <article
      class="user"
      aria-label={strings.messageFrom(
        origin.via === "panel" ? strings.you : strings.origins[origin.via],
        toTime(createdAt),
      )}
    >
      <div class="bubble">
        {origin.via !== "panel" && <OriginChip origin={origin} />}
        {text && <div class="user-text">{text}</div>}
        <Attachments attachments={attachments} />
      </div>
    </article>
  );
}

/** What was sent and is not part of the history yet: on its way, or waiting for the run before it. */
export function PendingRow({ text, origin, isQueued }: { text: string; origin?: Origin; isQueued: boolean }) {
  return (
    <article class="user pending" aria-label={strings.you}>
      <div class="bubble">
        {origin && origin.via !== "panel" && <OriginChip origin={origin} />}
        <div class="user-text">{text}</div>
      </div>
      <span class="user-note">{isQueued ? strings.queued : strings.sending}</span>
    </article>
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
};

function OriginChip({ origin }: { origin: Origin }) {
  return (
    <span class="origin" title={origin.id}>
      <Icon name={ORIGIN_ICONS[origin.via]} />
      {strings.origins[origin.via]}
      {origin.id && <span class="origin-id">{origin.id}</span>}
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

function toTime(iso: string): string {
  return new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
