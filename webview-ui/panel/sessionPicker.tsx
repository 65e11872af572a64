import { useEffect, useRef, useState } from "preact/hooks";
import { toAge } from "../parts/format.ts";
import { usePanel } from "../state/panelContext.ts";
import { toTitle } from "../state/sessionList.ts";
import { StateDot } from "../parts/stateDot.tsx";
import { strings } from "../parts/strings.ts";

/** The list under the header: arrows move, Enter opens, Escape or a click elsewhere closes. */
export function SessionPicker({ onClose }: { onClose: (refocus: boolean) => void }) {
  const { session, sessions } = usePanel();
  const list = useRef<HTMLUListElement>(null);
  const entries = sessions.tree.value;
  const [active, setActive] = useState(() =>
    Math.max(
      0,
      entries.findIndex(({ key }) => key === session.key.value),
    ),
  );

  useEffect(() => {
    list.current?.focus();
    void session.attempt(() => sessions.refresh());
    const closeOutside = (event: PointerEvent) => {
      const header = list.current?.closest("header");
      if (header && !header.contains(event.target as Node)) onClose(false);
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, []);
  useEffect(() => list.current?.children[active]?.scrollIntoView({ block: "nearest" }), [active]);

  const open = (index: number) => {
    const entry = entries[index];
    onClose(true);
    if (entry) void session.show(entry.key);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = toNext(event.key, active, entries.length);
    if (next !== undefined) setActive(next);
    else if (event.key === "Enter" || event.key === " ") open(active);
    else if (event.key === "Escape") onClose(true);
    else if (event.key === "Tab") return onClose(false);
    else return;
    event.preventDefault();
  };

  return (
    <ul
      class="session-list"
      role="listbox"
      tabIndex={0}
      ref={list}
      aria-label={strings.sessions}
      aria-activedescendant={`session-${active}`}
      onKeyDown={onKeyDown}
    >
      {entries.map((entry, index) => (
        <li
          key={entry.key}
          id={`session-${index}`}
          role="option"
          aria-selected={entry.key === session.key.value}
          class={`session-option depth-${Math.min(entry.depth, 3)}${index === active ? " active" : ""}`}
          onPointerMove={() => setActive(index)}
          onClick={() => open(index)}
        >
          <StateDot state={entry.state} />
          <span class="session-title">{toTitle(entry)}</span>
          <span class="session-age">{toAge(entry.updatedAt)}</span>
        </li>
      ))}
    </ul>
  );
}

function toNext(key: string, active: number, count: number): number | undefined {
  if (key === "ArrowDown") return Math.min(active + 1, count - 1);
  if (key === "ArrowUp") return Math.max(active - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return undefined;
}
