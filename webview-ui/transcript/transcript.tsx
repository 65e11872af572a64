import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useComputed, useSignal } from "@preact/signals";
import { Icon } from "../parts/icon.tsx";
import { onMessageClick } from "./messageClick.ts";
import { usePanel } from "../state/panelContext.ts";
import { RowView } from "./rowView.tsx";
import { strings } from "../parts/strings.ts";
import { END_PIXELS, useVirtualRows } from "./virtualRows.ts";

/** Distance from the top at which earlier messages are asked for. */
const OLDER_PIXELS = 600;

/** The messages of the session, newest at the end. */
export function Transcript() {
  const panel = usePanel();
  const { session, memory } = panel;
  const scroller = useRef<HTMLDivElement>(null);
  const isAtEnd = useSignal(true);
  const reads = document.body.classList.contains("vscode-using-screen-reader");
  const rows = session.rows.value;
  const virtualizer = useVirtualRows(rows, scroller, !reads);
  const isApprovalWaiting = useComputed(() => session.state.approvals.value.length > 0).value;

  const isRestoring = useRef(true);
  useLayoutEffect(() => {
    void restore();
    async function restore() {
      const anchor = memory.state.scrollAnchor;
      if (anchor && !session.rows.value.some(({ key }) => key === anchor.key)) await session.loadOlder(1000);
      const index = anchor ? session.rows.value.findIndex(({ key }) => key === anchor.key) : -1;
      if (anchor && index >= 0) {
        virtualizer.scrollToIndex(index, { align: "start" });
        // Rows above are measured as they come into sight, so the rest of the way is known a frame later.
        requestAnimationFrame(() => scroller.current && (scroller.current.scrollTop += anchor.offset));
      } else {
        virtualizer.scrollToEnd();
      }
      requestAnimationFrame(() => (isRestoring.current = false));
    }
  }, []);

  const onScroll = () => {
    const element = scroller.current;
    if (!element || isRestoring.current) return;
    isAtEnd.value = element.scrollHeight - element.scrollTop - element.clientHeight <= END_PIXELS;
    memory.update({ scrollAnchor: isAtEnd.value ? undefined : toAnchor(element) });
    if (element.scrollTop < OLDER_PIXELS) void session.loadOlder();
  };
  const toAnchor = (element: HTMLElement) => {
    const item = virtualizer.getVirtualItemForOffset(element.scrollTop);
    return item && { key: String(item.key), offset: Math.round(element.scrollTop - item.start) };
  };

  // What the user just sent is always brought into sight.
  const pendingKey = rows.findLast(({ type }) => type === "pending")?.key;
  useEffect(() => {
    if (pendingKey && !reads) virtualizer.scrollToEnd();
  }, [pendingKey]);

  const jump = () => {
    virtualizer.scrollToEnd();
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
                class={`row row-${row.type}`}
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
