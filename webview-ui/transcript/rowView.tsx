import { AssistantRow } from "./assistantRow.tsx";
import { NoticeRow, SystemRow, WorkingRow } from "./systemRow.tsx";
import { OutcomeRow } from "./outcomeRow.tsx";
import type { Row } from "../state/rows.ts";
import { ToolRow } from "./toolRow.tsx";
import { PendingRow, UserRow } from "./userRow.tsx";

export function RowView({ row }: { row: Row }) {
  switch (row.type) {
    case "user":
      return <UserRow message={row.message} />;
    case "pending":
      return <PendingRow row={row} />;
    case "assistant":
      return <AssistantRow message={row.message} thinkingMs={row.thinkingMs} />;
    // The same component, so that the stored message takes over what is drawn of the written one.
    case "reply":
      return <AssistantRow />;
    case "tool":
      return <ToolRow call={row.call} />;
    case "system":
      return <SystemRow message={row.message} />;
    case "notice":
      return <NoticeRow text={row.text} />;
    case "outcome":
      return <OutcomeRow outcome={row.outcome} runId={row.runId} finishedAt={row.finishedAt} isLast={row.isLast} />;
    case "working":
      return <WorkingRow />;
  }
}
