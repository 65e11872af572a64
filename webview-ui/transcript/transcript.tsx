import { useEffect, useRef } from "preact/hooks";
import { useComputed } from "@preact/signals";
import { Icon } from "../parts/icon.tsx";
import { onMessageClick } from "./messageClick.ts";
import { usePanel } from "../state/panelContext.ts";
import { RowView } from "./rowView.tsx";
import { strings } from "../parts/strings.ts";
import { useFoundMarks } from "./foundMarks.ts";
import { useScrollMemory } from "./scrollMemory.ts";
import { useVirtualRows } from "./virtualRows.ts";

/** The messages of the session, newest at the end. */
export function Transcript() {
  const panel = usePanel();
  const { session } = panel;
  const scroller = useRef<HTMLDivElement>(null);
  const reads = document.body.classList.contains("vscode-using-screen-reader");
  const rows = session.rows.value;
  const follows = !reads && !panel.find.isOpen.value && !session.found.value;
  const virtualizer = useVirtualRows(rows, scroller, follows);
  const foundKey = useFoundMarks(scroller, virtualizer);
  const { isAtEnd, goToEnd, onScroll } = useScrollMemory(panel, scroller, virtualizer, follows);
  const isApprovalWaiting = useComputed(() => session.state.approvals.value.length > 0).value;

  // What the user just sent is always brought into sight.
  const pendingKey = rows.findLast(({ type }) => type === "pending")?.key;
  useEffect(() => {
    if (pendingKey && !reads) goToEnd();
  }, [pendingKey]);

  const jump = () => {
    goToEnd();
    scroller.current?.focus({ preventScroll: true });
  };

  return (
    <div class="transcript-frame">
      <div
        class="transcript"
        role="log"
        aria-label={strings.transcript}
        aria-live="off"
        tabIndex={0}
        ref={scroller}
        onScroll={onScroll}
        onClick={(event) => onMessageClick(event, panel)}
        onAuxClick={(event) => onMessageClick(event, panel)}
      >
        <div class="rows" style={{ height: `${virtualizer.getTotalSize()}px` }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <div
                key={item.key}
                class={`row row-${row.type}${row.key === foundKey ? " found" : ""}`}
                data-index={item.index}
                ref={virtualizer.measureElement}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <RowView row={row} />
              </div>
            );
          })}
        </div>
      </div>
      {!isAtEnd.value && (
        <button type="button" class={`jump ${isApprovalWaiting ? "attention" : ""}`} onClick={jump}>
          <Icon name={isApprovalWaiting ? "bell-dot" : "arrow-down"} />
          {isApprovalWaiting ? strings.approvalWaits : strings.jumpToLatest}
        </button>
      )}
    </div>
  );
}
