import { useLayoutEffect, useRef } from "preact/hooks";
import type { Session } from "../../src/protocol/session.ts";
import { Icon } from "../parts/icon.tsx";
import { type Panel, usePanel } from "../state/panelContext.ts";
import { toTitle } from "../state/sessionList.ts";
import { strings } from "../parts/strings.ts";

interface Item {
  icon: string;
  label: string;
  run(): unknown;
}

interface MenuProps {
  entry: Session;
  /** Distance from the top of what it stands in, in pixels. */
  top?: number;
  onRename?: (() => void) | undefined;
  onClose(refocus: boolean): void;
}

/** What can be done with a session: arrows move, Enter does it, Escape or a click elsewhere closes. */
export function SessionMenu({ entry, top, onRename, onClose }: MenuProps) {
  const panel = usePanel();
  const menu = useRef<HTMLDivElement>(null);
  const items = listItems(panel, entry, onRename);
  const buttons = () => [...(menu.current?.querySelectorAll("button") ?? [])];

  // Before it is seen, so that no key is pressed in vain.
  useLayoutEffect(() => {
    buttons()[0]?.focus();
    const closeOutside = ({ target }: PointerEvent) => {
      if (!menu.current?.contains(target as Node)) onClose(false);
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next !== undefined) all.at(next % all.length)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") onClose(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      class="session-menu"
      role="menu"
      ref={menu}
      aria-label={strings.actionsOf(toTitle(entry))}
      style={top === undefined ? undefined : { top: `${top}px` }}
      onKeyDown={onKeyDown}
    >
      {items.map(({ icon, label, run }) => (
        <button
          type="button"
          role="menuitem"
          tabIndex={-1}
          key={label}
          onClick={() => {
            onClose(true);
            run();
          }}
        >
          <Icon name={icon} />
          {label}
        </button>
      ))}
    </div>
  );
}

function listItems(panel: Panel, entry: Session, onRename: (() => void) | undefined): Item[] {
  const { gateway, session, deletions, find } = panel;
  const { key: sessionKey, pinned, archived } = entry;
  const isMain = sessionKey === "main";
  const change = (fields: { pinned?: boolean; archived?: boolean }) =>
    session.attempt(() => gateway.call("sessions.update", { sessionKey, ...fields }));
  const save = (format: "markdown" | "json") =>
    session.attempt(() => gateway.call("editor.exportSession", { sessionKey, format }));
  const words = strings.sessionActions;
  return [
    ...(onRename
      ? [
          { icon: "search", label: strings.findHere, run: find.open },
          { icon: "edit", label: strings.renameSession, run: onRename },
        ]
      : []),
    {
      icon: pinned ? "pinned" : "pin",
      label: pinned ? words.unpin : words.pin,
      run: () => change({ pinned: !pinned }),
    },
    ...(isMain
      ? []
      : [
          {
            icon: "archive",
            label: archived ? words.unarchive : words.archive,
            run: () => change({ archived: !archived }),
          },
        ]),
    { icon: "markdown", label: words.markdown, run: () => save("markdown") },
    { icon: "json", label: words.json, run: () => save("json") },
    ...(isMain
      ? []
      : [
          {
            icon: "trash",
            label: words.delete,
            run: () => session.attempt(() => deletions.delete(sessionKey, toTitle(entry))),
          },
        ]),
  ];
}
